// SPDX-License-Identifier: GPL-2.0-or-later
// Two that freeze and unfreeze a queue: the count and the percpu_ref are not changed together.
// @source block/blk-mq.c v5.1: blk_freeze_queue_start(), blk_mq_unfreeze_queue()
// @bug BLK-02 7996a8b5511a72465b0b286763c2d8f412b8874a (v5.2) blk-mq: fix hang caused by freeze/unfreeze sequence
// @expect sc, tso: violation (assertion)   lkmm: violation
// @expect[FIX_BLK_02] all: safe
#include <ringtail.h>
#include <percpu_ref.h>

struct request_queue {
	atomic_t mq_freeze_depth;
	struct mutex mq_freeze_lock;
	struct percpu_ref q_usage_counter;
	wait_queue_head_t mq_freeze_wq;
};
static struct request_queue *q;

static void usage_release(struct percpu_ref *ref)
{
	struct request_queue *rq = container_of(ref, struct request_queue, q_usage_counter);

	wake_up_all(&rq->mq_freeze_wq);
}

INIT
{
	q = kzalloc(sizeof(*q), GFP_KERNEL);
	mutex_init(&q->mq_freeze_lock);
	init_waitqueue_head(&q->mq_freeze_wq);
	percpu_ref_init(&q->q_usage_counter, usage_release, 0, GFP_KERNEL);
}

static void freeze_start(void)
{
#ifdef FIX_BLK_02
	mutex_lock(&q->mq_freeze_lock);
#endif
	if (atomic_inc_return(&q->mq_freeze_depth) == 1)
		percpu_ref_kill(&q->q_usage_counter);
#ifdef FIX_BLK_02
	mutex_unlock(&q->mq_freeze_lock);
#endif
}

static void unfreeze(void)
{
#ifdef FIX_BLK_02
	mutex_lock(&q->mq_freeze_lock);
#endif
	if (!atomic_dec_return(&q->mq_freeze_depth)) {
		percpu_ref_resurrect(&q->q_usage_counter);
		wake_up_all(&q->mq_freeze_wq);
	}
#ifdef FIX_BLK_02
	mutex_unlock(&q->mq_freeze_lock);
#endif
}

THREAD(a)
{
	freeze_start();
	wait_event(q->mq_freeze_wq, percpu_ref_is_zero(&q->q_usage_counter));
	unfreeze();
}

THREAD(b)
{
	freeze_start();
	unfreeze();
}
