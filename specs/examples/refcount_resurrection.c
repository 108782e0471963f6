// SPDX-License-Identifier: GPL-2.0-or-later
// A lookup under RCU takes a reference on an object whose last one is gone: the object is freed under its new owner.
// @source fs/aio.c v2.6.37: lookup_ioctx(), __put_ioctx()
// @bug AIO-06 3bd9a5d734c7cc7533b27abf451416c7f50095a7 (v2.6.38) a dead context is looked up and used
// @seed fixed; taking atomic_inc_not_zero() back makes the bug
// @expect all: violation (double free)
// @expect[FIX_NOT_ZERO] all: safe
#include <ringtail.h>

struct kioctx {
	atomic_t users;
	int reqs_active;
	struct rcu_head rcu;
};

static struct kioctx *ctx_list;

INIT
{
	ctx_list = kzalloc(sizeof(*ctx_list), GFP_KERNEL);
	atomic_set(&ctx_list->users, 1);
}

static void put_ioctx(struct kioctx *ctx)
{
	if (atomic_dec_and_test(&ctx->users))
		kfree_rcu(ctx, rcu);
}

static struct kioctx *lookup_ioctx(void)
{
	struct kioctx *ctx, *ret = NULL;

	rcu_read_lock();
	ctx = rcu_dereference(ctx_list);
#ifdef FIX_NOT_ZERO
	if (ctx && atomic_inc_not_zero(&ctx->users))
		ret = ctx;
#else
	if (ctx) {
		atomic_inc(&ctx->users);
		ret = ctx;
	}
#endif
	rcu_read_unlock();
	return ret;
}

THREAD(submit)
{
	struct kioctx *ctx = lookup_ioctx();

	if (ctx) {
		WRITE_ONCE(ctx->reqs_active, 1);
		put_ioctx(ctx);
	}
}

THREAD(destroy)
{
	struct kioctx *ctx = rcu_dereference_protected(ctx_list, 1);

	rcu_assign_pointer(ctx_list, NULL);
	put_ioctx(ctx);
}
