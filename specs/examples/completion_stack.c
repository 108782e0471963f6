// SPDX-License-Identifier: GPL-2.0-or-later
// A completion on the stack of the waiter: complete() must not touch it after the waiter may have returned.
// @expect all: safe
// @expect[HAND_MADE] sc, tso: violation (use after free)   lkmm: violation
#include <ringtail.h>

struct request {
	int result;
	struct completion done;
	spinlock_t lock;
	bool finished;
};

static struct request *submitted;
static int got;

static int submit_and_wait(void)
{
	struct request req;

	req.result = 0;
	req.finished = false;
	spin_lock_init(&req.lock);
	init_completion(&req.done);
	smp_store_release(&submitted, &req);
#ifdef HAND_MADE
	while (!READ_ONCE(req.finished))
		cpu_relax();
	smp_rmb();
#else
	wait_for_completion(&req.done);
#endif
	return req.result;
}

THREAD(submitter)
{
	got = submit_and_wait();
	assert(got == 42);
}

THREAD(device)
{
	struct request *req;

	while (!(req = smp_load_acquire(&submitted)))
		cpu_relax();
	req->result = 42;
#ifdef HAND_MADE
	spin_lock(&req->lock);
	WRITE_ONCE(req->finished, true);
	spin_unlock(&req->lock);
#else
	complete(&req->done);
#endif
}
