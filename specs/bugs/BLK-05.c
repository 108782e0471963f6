// SPDX-License-Identifier: GPL-2.0-or-later
// All busy requests are looked at while one ends and its tag is taken for another.
// @source block/blk-mq-tag.c v5.13: bt_tags_iter(); block/blk-mq.c blk_mq_rq_ctx_init(), blk_mq_free_request()
// @bug BLK-05 2e315dc07df009c3e29d6926871f62a30cfae394 (v5.14) blk-mq: grab rq->refcount before calling ->fn in
//   blk_mq_tagset_busy_iter
// @expect all: violation (assertion)
// @expect[FIX_BLK_05] sc, tso: safe   lkmm: violation (assertion)
// @expect[FIX_BLK_05, FIX_ACQUIRE] all: safe
// Upstream's refcount_inc_not_zero() orders no reads behind it.
#include <ringtail.h>

struct request {
	refcount_t ref;
	int tag;
	int bio;
};

static DECLARE_BITMAP(map, 64);
static struct request static_rq;
static struct request *rqs[1];

static struct request *get_request(int bio)
{
	struct request *rq = &static_rq;

	if (test_and_set_bit_lock(0, map))
		return NULL;
	WRITE_ONCE(rq->bio, bio);
	WRITE_ONCE(rq->tag, 0);
	smp_wmb();
	refcount_set(&rq->ref, 1);
	WRITE_ONCE(rqs[0], rq);
	return rq;
}

static void put_rq_ref(struct request *rq)
{
	if (!refcount_dec_and_test(&rq->ref))
		return;
	WRITE_ONCE(rq->bio, 0);
	clear_bit_unlock(rq->tag, map);
	smp_mb__after_atomic();
}

INIT { get_request(1); }

static bool busy(struct request *rq)
{
	int bio = READ_ONCE(rq->bio);

	smp_rmb();
	assert(bio == READ_ONCE(rq->bio));
	return bio;
}

THREAD(iter)
{
	unsigned int bit;

	for_each_set_bit(bit, map, 64) {
		struct request *rq = READ_ONCE(rqs[bit]);

#ifdef FIX_BLK_05
		if (!rq || !refcount_inc_not_zero(&rq->ref))
			continue;
#else
		if (!rq)
			continue;
#endif
#ifdef FIX_ACQUIRE
		smp_acquire__after_ctrl_dep();
#endif
		busy(rq);
#ifdef FIX_BLK_05
		put_rq_ref(rq);
#endif
	}
}

THREAD(io)
{
	put_rq_ref(rqs[0]);
	get_request(2);
}
