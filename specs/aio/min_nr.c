// SPDX-License-Identifier: GPL-2.0-or-later
// io_getevents() as it is since v6.8: a reader is woken only when the ring has as many events as it still waits for.
// The commit 71eb6b6b0ba9, "fs/aio: obey min_nr when doing wakeups", checked. What each of its parts is for is shown by
// leaving it out: the barrier of AIO-03, the count that goes down with what has been read, and the look at the ring after
// the reader has queued itself.
// @source fs/aio.c v6.8: aio_complete(), read_events(), aio_read_events_ring()
//
// Found here, and no bug that is known upstream: a reader that gets less than it wants without having slept goes round
// and stores its new min_nr while it is still on the queue, where a completer reads it under the queue's lock: a
// plain race. With marked accesses (MARKED) nothing goes wrong: whoever misses the new min_nr, his event is seen.
// @expect sc, tso: safe   lkmm: violation (data race)
// @expect[MARKED] all: safe
// @expect[MARKED, NO_MB] sc: safe   tso, lkmm: violation (lost wakeup)
// @expect[MARKED, WHOLE_MIN_NR] all: violation (lost wakeup)
// @expect[MARKED, NO_SECOND_LOOK] all: violation (lost wakeup)
#include <ringtail.h>
#include "../lib/requests.h"

#define NR_EVENTS (MAX_REQUESTS + 1)

#ifdef MARKED
#define load_min_nr(p) READ_ONCE(*(p))
#define store_min_nr(p, n) WRITE_ONCE(*(p), (size_t)(n))
#else
#define load_min_nr(p) (*(p))
#define store_min_nr(p, n) (*(p) = (size_t)(n))
#endif

struct aio_waiter {
	struct wait_queue_entry w;
	size_t min_nr;
};

static struct kioctx {
	spinlock_t completion_lock;
	struct mutex ring_lock;
	wait_queue_head_t wait;
	unsigned int head, tail;
	long io_events[NR_EVENTS];
} ctx;

INIT
{
	init_waitqueue_head(&ctx.wait);
	for (long id = 0; id < MAX_REQUESTS; id++)
		request_accepted(id);
}

static void aio_complete(long id)
{
	unsigned int tail, head, avail;
	unsigned long flags;

	spin_lock_irqsave(&ctx.completion_lock, flags);
	tail = READ_ONCE(ctx.tail);
	WRITE_ONCE(ctx.io_events[tail], REQUEST_RESULT(id));
	request_completed(id);
	smp_wmb();
	tail = (tail + 1) % NR_EVENTS;
	head = READ_ONCE(ctx.head);
	WRITE_ONCE(ctx.tail, tail);
	avail = (tail + NR_EVENTS - head) % NR_EVENTS;
	spin_unlock_irqrestore(&ctx.completion_lock, flags);
#ifndef NO_MB
	smp_mb();
#endif
	if (waitqueue_active(&ctx.wait)) {
		struct aio_waiter *curr, *next;

		spin_lock_irqsave(&ctx.wait.lock, flags);
		list_for_each_entry_safe(curr, next, &ctx.wait.head, w.entry)
			if (avail >= load_min_nr(&curr->min_nr)) {
				wake_up_process(curr->w.private);
				list_del_init_careful(&curr->w.entry);
			}
		spin_unlock_irqrestore(&ctx.wait.lock, flags);
	}
}

static long aio_read_events_ring(void)
{
	unsigned int head, tail;
	long ret = 0;

	mutex_lock(&ctx.ring_lock);
	head = READ_ONCE(ctx.head);
	tail = READ_ONCE(ctx.tail);
	smp_rmb();
	while (head != tail) {
		long result = READ_ONCE(ctx.io_events[head]);

		request_reaped(result - REQUEST_RESULT(0), result);
		head = (head + 1) % NR_EVENTS;
		ret++;
	}
	if (ret) {
		smp_mb();
		WRITE_ONCE(ctx.head, head);
	}
	mutex_unlock(&ctx.ring_lock);
	return ret;
}

static long read_events(long min_nr)
{
	struct aio_waiter w;
	long ret = aio_read_events_ring();

	if (ret >= min_nr)
		return ret;
	init_wait(&w.w);
	for (;;) {
		long nr_got = ret;

#ifdef WHOLE_MIN_NR
		store_min_nr(&w.min_nr, min_nr);
#else
		store_min_nr(&w.min_nr, min_nr - ret);
#endif
		prepare_to_wait(&ctx.wait, &w.w, TASK_INTERRUPTIBLE);
#ifndef NO_SECOND_LOOK
		ret += aio_read_events_ring();
#endif
		if (ret >= min_nr)
			break;
		if (nr_got == ret)
			schedule();
#ifdef NO_SECOND_LOOK
		ret += aio_read_events_ring();
#endif
	}
	finish_wait(&ctx.wait, &w.w);
	return ret;
}

IRQ(first) { aio_complete(0); }
IRQ(second) { aio_complete(1); }
THREAD(reader) { assert(read_events(2) == 2); }

REQUESTS_INVARIANTS
