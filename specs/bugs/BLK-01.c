// SPDX-License-Identifier: GPL-2.0-or-later
// A request is put on hctx->dispatch while its completion looks whether to restart.
// @source block/blk-mq.c v5.8: blk_mq_dispatch_rq_list(), blk_mq_sched_restart()
// @bug BLK-01 d7d8535f377e9ba87edbf7fbbd634ac942f3f54f (v5.9) blk-mq: order adding requests to hctx->dispatch and checking SCHED_RESTART
// @expect sc: safe   tso, lkmm: violation (assertion)
// @expect[FIX_BLK_01] all: safe
#include <ringtail.h>

#define BLK_MQ_S_SCHED_RESTART 2

struct hctx {
	spinlock_t lock;
	struct list_head dispatch;
	unsigned long state;
};

static struct hctx hctx = {
	.lock = __SPIN_LOCK_UNLOCKED(hctx.lock),
	.dispatch = LIST_HEAD_INIT(hctx.dispatch),
	.state = BIT(BLK_MQ_S_SCHED_RESTART),
};
static struct {
	struct list_head queuelist;
} rq;
static bool reran, rerun_later;

THREAD(dispatch)
{
	spin_lock(&hctx.lock);
	list_add_tail(&rq.queuelist, &hctx.dispatch);
	spin_unlock(&hctx.lock);
#ifdef FIX_BLK_01
	smp_mb();
#endif
	if (!test_bit(BLK_MQ_S_SCHED_RESTART, &hctx.state))
		rerun_later = true;
}

THREAD(complete_rq)
{
	if (!test_bit(BLK_MQ_S_SCHED_RESTART, &hctx.state))
		return;
	clear_bit(BLK_MQ_S_SCHED_RESTART, &hctx.state);
#ifdef FIX_BLK_01
	smp_mb();
#endif
	if (!list_empty(&hctx.dispatch))
		reran = true;
}

FINALLY
{
	assert(reran || rerun_later);
}
