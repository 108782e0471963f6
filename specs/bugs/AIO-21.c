// SPDX-License-Identifier: GPL-2.0-or-later
// io_setup() charges what it has made of the user's number, not the number, against the system's limit.
// The ring is made larger so that each CPU has its batch; half of the limit is refused.
// @source fs/aio.c v4.13: ioctx_alloc(), free_ioctx()
// @bug AIO-21 (v4.15) fs: aio: fix the increment of aio-nr and counting against aio-max-nr
// @seed other: the seed's ring is as large as the user says, and so is the charge
// Evidence: the subject is certain, the commit's hash is not, so none is named.
// @expect all: violation (assertion)
// @expect[FIX_AIO_21] all: safe
#include <ringtail.h>

#define NUM_POSSIBLE_CPUS 2u

static DEFINE_SPINLOCK(aio_nr_lock);
static unsigned long aio_nr, aio_max_nr = 32;

struct kioctx {
	unsigned int max_reqs, nr_events;
};

static struct kioctx *ioctx_alloc(unsigned int nr_events)
{
	struct kioctx *ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);
	unsigned int max_reqs = nr_events; /* keep what the user asked for */

	nr_events = max(nr_events, NUM_POSSIBLE_CPUS * 4);
	nr_events *= 2;
#ifndef FIX_AIO_21
	max_reqs = nr_events;
#endif
	ctx->max_reqs = max_reqs;
	ctx->nr_events = nr_events;
	spin_lock(&aio_nr_lock);
	if (aio_nr + max_reqs > aio_max_nr || aio_nr + max_reqs < aio_nr) {
		spin_unlock(&aio_nr_lock);
		kfree(ctx);
		return ERR_PTR(-EAGAIN);
	}
	aio_nr += ctx->max_reqs;
	spin_unlock(&aio_nr_lock);
	return ctx;
}

static void free_ioctx(struct kioctx *ctx)
{
	spin_lock(&aio_nr_lock);
	BUG_ON(aio_nr - ctx->max_reqs > aio_nr);
	aio_nr -= ctx->max_reqs;
	spin_unlock(&aio_nr_lock);
	kfree(ctx);
}

THREAD(user)
{
	unsigned int nr = choose(1, 16);
	struct kioctx *ctx = ioctx_alloc(nr), *second;

	assert(!IS_ERR(ctx) && aio_nr == nr);
	second = ioctx_alloc(16);
	assert(!IS_ERR(second) && aio_nr == nr + 16); /* the limit is 32 */
	free_ioctx(ctx);
	free_ioctx(second);
	assert(aio_nr == 0);
}
