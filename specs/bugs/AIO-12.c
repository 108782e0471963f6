// SPDX-License-Identifier: GPL-2.0-or-later
// A completion gives its request's place in the ring back at once, although the event lies there until the user reads it: more
// requests are let in than the ring has room for, and events are written over events.
// @source fs/aio.c v3.16: get_reqs_available(), aio_complete(), refill_reqs_available(), aio_read_events_ring()
// @bug AIO-12 d856f32a86b2b015ab180ab7a55e455ed8d3ccc5 (v3.17) aio: fix reqs_available handling
// @seed other: there the room is reckoned from the ring and reqs_active
// @expect all: violation (assertion)
// @expect[FIX_AIO_12] all: safe
#include <ringtail.h>
#include "../lib/requests.h"

#define NR_EVENTS 2 /* room for one */

static struct kioctx {
	atomic_t reqs_available;
	unsigned int completed_events;
	spinlock_t completion_lock;
	struct mutex ring_lock;
	unsigned int head, tail;
	long io_events[NR_EVENTS];
} ctx;

INIT { atomic_set(&ctx.reqs_available, NR_EVENTS - 1); }

static unsigned int events_in_ring(unsigned int head, unsigned int tail)
{
	return (tail + NR_EVENTS - head) % NR_EVENTS;
}

#ifdef FIX_AIO_12
// Of what has completed, that much has been read.
static void refill_reqs_available(unsigned int head, unsigned int tail)
{
	unsigned int unread = events_in_ring(head, tail), completed = ctx.completed_events;

	completed = unread < completed ? completed - unread : 0;
	if (!completed)
		return;
	ctx.completed_events -= completed;
	atomic_add((int)completed, &ctx.reqs_available);
}

static void user_refill_reqs_available(void)
{
	spin_lock_irq(&ctx.completion_lock);
	if (ctx.completed_events)
		refill_reqs_available(READ_ONCE(ctx.head), READ_ONCE(ctx.tail));
	spin_unlock_irq(&ctx.completion_lock);
}
#endif

static bool get_reqs_available(void)
{
	if (atomic_dec_if_positive(&ctx.reqs_available) >= 0)
		return true;
#ifdef FIX_AIO_12
	user_refill_reqs_available();
	return atomic_dec_if_positive(&ctx.reqs_available) >= 0;
#else
	return false;
#endif
}

static void aio_complete(long id)
{
	unsigned int tail;

	spin_lock_irq(&ctx.completion_lock);
	tail = ctx.tail;
	requests_fit(1, events_in_ring(READ_ONCE(ctx.head), tail), NR_EVENTS - 1);
	WRITE_ONCE(ctx.io_events[tail], REQUEST_RESULT(id));
	request_completed(id);
	smp_wmb();
	WRITE_ONCE(ctx.tail, (tail + 1) % NR_EVENTS);
#ifdef FIX_AIO_12
	ctx.completed_events++;
#endif
	spin_unlock_irq(&ctx.completion_lock);
#ifndef FIX_AIO_12
	atomic_inc(&ctx.reqs_available);
#endif
}

static void aio_read_events_ring(void)
{
	unsigned int head, tail;

	mutex_lock(&ctx.ring_lock);
	head = READ_ONCE(ctx.head);
	tail = READ_ONCE(ctx.tail);
	smp_rmb();
	if (head != tail) {
		long result = READ_ONCE(ctx.io_events[head]);

		request_reaped(result - REQUEST_RESULT(0), result);
		smp_mb(); /* it is read before its place is given back */
		WRITE_ONCE(ctx.head, (head + 1) % NR_EVENTS);
	}
	mutex_unlock(&ctx.ring_lock);
}

THREAD(submitter) /* its device is quick */
{
	for (long id = 0; id < MAX_REQUESTS; id++)
		if (get_reqs_available()) {
			request_accepted(id);
			aio_complete(id);
		}
}

THREAD(reader) { aio_read_events_ring(); }

REQUESTS_INVARIANTS
