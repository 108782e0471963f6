// SPDX-License-Identifier: GPL-2.0-or-later
// Two owners of one object drop their references; a decrement and a separate look let both, or neither, free it.
// @expect all: violation (double free)
// @expect[FIX_DEC_AND_TEST] all: safe
#include <ringtail.h>

struct kiocb {
	int res;
};

static struct kiocb *req;
static atomic_t users = ATOMIC_INIT(2);

INIT { req = kzalloc(sizeof(*req), GFP_KERNEL); }

static void put_req(struct kiocb *iocb)
{
#ifdef FIX_DEC_AND_TEST
	if (atomic_dec_and_test(&users))
		kfree(iocb);
#else
	int left;

	smp_mb__before_atomic();
	atomic_dec(&users);
	smp_mb__after_atomic();
	left = atomic_read(&users);
	if (left == 0)
		kfree(iocb);
#endif
}

THREAD(submit)   { put_req(req); }
THREAD(complete) { put_req(req); }
