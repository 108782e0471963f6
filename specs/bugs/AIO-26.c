// SPDX-License-Identifier: GPL-2.0-or-later
// The end of a context is reckoned from the ring, which the user may write to: he can make the kernel believe that all
// requests are done.
// @source fs/aio.c v3.11: free_ioctx(), aio_complete()
// @bug AIO-26 (v3.13) aio: Fix a trinity splat
// @seed other: there reqs_active is the kernel's own
// Evidence: the subject is certain, the commit's hash is not, so none is named.
// @expect all: violation (use after free)
// @expect[FIX_AIO_26] all: safe
// @expect[HONEST_USER] all: safe
#include <ringtail.h>

#define NR_EVENTS 4

static struct aio_ring { unsigned int head, tail; } ring; /* mapped by the user */

struct kioctx {
	atomic_t reqs; /* FIX_AIO_26: requests, and one for the context being alive */
	int reqs_active;
	spinlock_t completion_lock;
	unsigned int tail;
};

static struct kioctx *ctx;

INIT
{
	ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);
	ctx->reqs_active = 1; /* one is in flight */
	atomic_set(&ctx->reqs, 2);
}

static void put_reqs(void)
{
	if (atomic_dec_and_test(&ctx->reqs))
		kfree(ctx);
}

IRQ(interrupt) /* aio_complete() */
{
	unsigned int tail;

	spin_lock(&ctx->completion_lock);
	tail = (ctx->tail + 1) % NR_EVENTS;
	ctx->tail = tail;
	WRITE_ONCE(ring.tail, tail);
	spin_unlock(&ctx->completion_lock);
#ifdef FIX_AIO_26
	put_reqs();
#endif
}

THREAD(destroyer) /* free_ioctx() */
{
#ifdef FIX_AIO_26
	put_reqs();
#else
	while (ctx->reqs_active > 0) {
		unsigned int head = READ_ONCE(ring.head), tail = smp_load_acquire(&ring.tail);

		while (head == tail) {
			cpu_relax();
			tail = smp_load_acquire(&ring.tail);
		}
		ctx->reqs_active -= (int)((tail - head) % NR_EVENTS);
		WRITE_ONCE(ring.head, tail);
	}
	(void)put_reqs;
	spin_lock(&ctx->completion_lock); /* an honest completion is over when it has let the lock go */
	spin_unlock(&ctx->completion_lock);
	kfree(ctx);
#endif
}

#ifndef HONEST_USER
THREAD(user) { WRITE_ONCE(ring.tail, 1); }
#endif
