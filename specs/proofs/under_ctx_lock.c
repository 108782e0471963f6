// SPDX-License-Identifier: GPL-2.0-or-later
// A context's requests: the counter is the number of requests on the list, and each of them has a place in the ring for its
// event, whatever io_submit(), completions and io_getevents() do at once.
// @source fs/aio.c v3.6: kiocb_batch_refill(), aio_complete(), aio_put_req(), aio_read_evt()
// @bug AIO-12 d856f32a86b2 (v3.17) places in the ring are given out that events still have
// @expect all: safe
// @expect[AIO_12] all: violation (invariant)
// @expect[PUT_TWICE] all: violation (invariant)
// @expect[LISTS_TWO] all: violation (invariant)
// @expect[READS_EMPTY] all: violation (invariant)
#include <ringtail.h>

#define NR_REQS 2
#define RING_NR 2 /* one slot stays empty */

static DEFINE_SPINLOCK(ctx_lock);
static unsigned char on_list[NR_REQS];
static unsigned reqs_active;
static unsigned head, tail; /* count on; their distance is what the ring holds */

#define LISTED (on_list[0] + on_list[1])

INVARIANT_UNDER(ctx_lock, on_list[0] <= 1 && on_list[1] <= 1)
INVARIANT_UNDER(ctx_lock, reqs_active == LISTED)
INVARIANT_UNDER(ctx_lock, tail - head < RING_NR)
INVARIANT_UNDER(ctx_lock, tail - head + reqs_active <= RING_NR - 1)

/* io_submit(): a request is listed if its event will find a place */
static void get_req(int i)
{
	spin_lock(&ctx_lock);
#ifdef AIO_12
	if (!on_list[i] && reqs_active < RING_NR - 1) {
#else
	if (!on_list[i] && reqs_active < RING_NR - 1 - (tail - head)) {
#endif
#ifdef LISTS_TWO
		on_list[i] = 2;
		reqs_active += 2;
#else
		on_list[i] = 1;
		reqs_active++;
#endif
	}
	spin_unlock(&ctx_lock);
}

/* aio_complete(): the event takes the place that its request had */
static void complete_req(int i)
{
	spin_lock(&ctx_lock);
	if (on_list[i]) {
		tail++;
		on_list[i] = 0;
		reqs_active--;
	}
#ifdef PUT_TWICE
	else if (reqs_active)
		reqs_active--;
#endif
	spin_unlock(&ctx_lock);
}

/* aio_read_evt(): gives places back. (It holds ring_lock; that it holds ctx_lock here lets the invariant speak of head.) */
static void read_evt(void)
{
	spin_lock(&ctx_lock);
#ifndef READS_EMPTY
	if (head != tail)
#endif
		head++;
	spin_unlock(&ctx_lock);
}

THREAD(submit)
{
	get_req(choose(0, 1));
	get_req(0);
}

THREAD(irq) { complete_req(choose(0, 1)); }
THREAD(reap) { read_evt(); }
