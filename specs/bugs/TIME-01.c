// SPDX-License-Identifier: GPL-2.0-or-later
// Two timerfd_settime() on one descriptor: whether it is on the list is asked and answered without a lock, so it is
// put there twice.
// @source fs/timerfd.c v4.10: timerfd_setup_cancel(), timerfd_remove_cancel()
// @bug TIME-01 1e38da300e1e395a15048b0af1e5305bd91402f6 (v4.11) timerfd: Protect the might cancel mechanism proper
// @expect sc, tso: violation (assertion)   lkmm: violation (data race)
// @expect[FIX_TIME_01] all: safe
#include <ringtail.h>

struct timerfd_ctx {
	struct list_head clist;
	bool might_cancel;
	spinlock_t cancel_lock;
	struct rcu_head rcu;
};

static LIST_HEAD(cancel_list);
static DEFINE_SPINLOCK(cancel_lock);
static struct timerfd_ctx *ctx;
#define TFD_TIMER_CANCEL_ON_SET (1 << 1)

INIT
{
	ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);
	spin_lock_init(&ctx->cancel_lock);
}

static void __timerfd_remove_cancel(struct timerfd_ctx *ctx)
{
	if (ctx->might_cancel) {
		ctx->might_cancel = false;
		spin_lock(&cancel_lock);
		list_del_rcu(&ctx->clist);
		spin_unlock(&cancel_lock);
	}
}

static void timerfd_setup_cancel(struct timerfd_ctx *ctx, int flags)
{
#ifdef FIX_TIME_01
	spin_lock(&ctx->cancel_lock);
#endif
	if (flags & TFD_TIMER_CANCEL_ON_SET) {
		if (!ctx->might_cancel) {
			ctx->might_cancel = true;
			spin_lock(&cancel_lock);
			list_add_rcu(&ctx->clist, &cancel_list);
			spin_unlock(&cancel_lock);
		}
	} else {
		__timerfd_remove_cancel(ctx);
	}
#ifdef FIX_TIME_01
	spin_unlock(&ctx->cancel_lock);
#endif
}

THREAD(set1) { timerfd_setup_cancel(ctx, TFD_TIMER_CANCEL_ON_SET); }
THREAD(set2) { timerfd_setup_cancel(ctx, TFD_TIMER_CANCEL_ON_SET); }

FINALLY
{
	struct timerfd_ctx *pos;
	int n = 0;

	list_for_each_entry(pos, &cancel_list, clist)
		assert(++n < 2);
	timerfd_setup_cancel(ctx, 0);
	assert(list_empty(&cancel_list));
	kfree_rcu(ctx, rcu);
}
