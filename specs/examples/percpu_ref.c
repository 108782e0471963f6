// SPDX-License-Identifier: GPL-2.0-or-later
// A queue is torn down under those who submit to it: nobody gets in after the kill, and it is freed when the last is out.
// @source block/blk-core.c v6.6: blk_queue_enter(); io_uring/io_uring.c v6.6: io_ring_ctx_wait_and_kill()
// @expect all: safe
// @expect[NO_SECTION] all: violation
// @expect[NO_WAIT] all: violation (use after free)
#include <percpu_ref.h>

struct queue {
	struct percpu_ref users;
	int frozen;
};

static struct queue *queue;
static DECLARE_COMPLETION(idle);

static void queue_release(struct percpu_ref *ref)
{
	complete(&idle);
}

INIT
{
	queue = kzalloc(sizeof(*queue), GFP_KERNEL);
	percpu_ref_init(&queue->users, queue_release, 0, GFP_KERNEL);
}

THREAD(submit)
{
	struct queue *q;

#ifdef NO_SECTION
	q = READ_ONCE(queue);
	if (q)
		percpu_ref_get(&q->users);
#else
	rcu_read_lock();
	q = rcu_dereference(queue);
	if (q && !percpu_ref_tryget_live(&q->users))
		q = NULL;
	rcu_read_unlock();
#endif
	if (!q)
		return;
	assert(!READ_ONCE(q->frozen));
	percpu_ref_put(&q->users);
}

THREAD(teardown)
{
	struct queue *q = queue;

	rcu_assign_pointer(queue, NULL);
	percpu_ref_kill(&q->users);
#ifndef NO_WAIT
	wait_for_completion(&idle);
#endif
	WRITE_ONCE(q->frozen, 1);
	synchronize_rcu();
	kfree(q);
}
