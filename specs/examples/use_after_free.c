// SPDX-License-Identifier: GPL-2.0-or-later
// An object is taken out of reach and freed while a reader under RCU may still hold it: the grace period is missing.
// @expect all: violation (use after free)
// @expect[FIX_GRACE_PERIOD] all: safe
// @expect[FIX_CALL_RCU] all: safe
#include <ringtail.h>

struct context {
	int id;
	struct rcu_head rcu;
};

static struct context *table;

INIT
{
	table = kzalloc(sizeof(*table), GFP_KERNEL);
	table->id = 7;
}

#ifdef FIX_CALL_RCU
static void free_context(struct rcu_head *head)
{
	kfree(container_of(head, struct context, rcu));
}
#endif

THREAD(lookup)
{
	struct context *ctx;

	rcu_read_lock();
	ctx = rcu_dereference(table);
	if (ctx)
		assert(ctx->id == 7);
	rcu_read_unlock();
}

THREAD(destroy)
{
	struct context *ctx = rcu_dereference_protected(table, 1);

	rcu_assign_pointer(table, NULL);
#ifdef FIX_GRACE_PERIOD
	synchronize_rcu();
#endif
#ifdef FIX_CALL_RCU
	call_rcu(&ctx->rcu, free_context);
#else
	kfree(ctx);
#endif
}
