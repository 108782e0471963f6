// SPDX-License-Identifier: GPL-2.0-or-later
// Waiters are requeued to another futex, and counted there once they are moved; a waker of that futex who looks before finds
// nobody, and leaves.
// @source kernel/futex.c v3.14: futex_requeue(), requeue_futex(), futex_wake()
// @bug FUTEX-02 69cd9eba3886 (v3.15) futex: avoid race between requeue and wake
// @expect all: violation (lost wakeup)
// @expect[FIX_FUTEX_02] all: safe
#include "../lib/futex.h"

static struct futex_hash_bucket condition, mutex;
static struct futex_q waiter;
static bool first_runs; /* the waiter whom pthread_cond_broadcast() wakes at once, and who has the mutex then */

INIT
{
	futex_init(&condition);
	futex_init(&mutex);
}

static void futex_wake(struct futex_hash_bucket *hb)
{
	struct futex_q *q;

	smp_mb(); /* get_futex_key_refs() */
	if (!atomic_read(&hb->waiters))
		return;
	spin_lock(&hb->lock);
	if (!list_empty(&hb->chain)) {
		q = list_first_entry(&hb->chain, struct futex_q, list);
		list_del(&q->list);
		hb_waiters_dec(hb);
		WRITE_ONCE(q->woken, true);
		wake_up_process(q->task);
	}
	spin_unlock(&hb->lock);
}

THREAD(second)
{
	waiter.task = current;
	hb_waiters_inc(&condition);
	spin_lock(&condition.lock);
	set_current_state(TASK_INTERRUPTIBLE);
	list_add_tail(&waiter.list, &condition.chain);
	spin_unlock(&condition.lock);
	if (!READ_ONCE(waiter.woken))
		schedule();
	__set_current_state(TASK_RUNNING);
}

THREAD(futex_requeue)
{
#ifdef FIX_FUTEX_02
	hb_waiters_inc(&mutex);
#endif
	spin_lock(&condition.lock);
	spin_lock_nested(&mutex.lock, SINGLE_DEPTH_NESTING);
	assume(!list_empty(&condition.chain)); /* else there is nobody to move */
	WRITE_ONCE(first_runs, true);
	list_move_tail(&waiter.list, &mutex.chain);
	hb_waiters_dec(&condition);
	atomic_inc(&mutex.waiters);
	spin_unlock(&mutex.lock);
	spin_unlock(&condition.lock);
#ifdef FIX_FUTEX_02
	hb_waiters_dec(&mutex);
#endif
}

THREAD(first)
{
	while (!READ_ONCE(first_runs))
		cpu_relax();
	futex_wake(&mutex); /* pthread_mutex_unlock() */
}
