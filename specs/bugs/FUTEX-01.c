// SPDX-License-Identifier: GPL-2.0-or-later
// A waker who finds no waiters does without the bucket's lock; the waiter counts himself, then looks at the word once more.
// Between the store to the word and the look at the count there is no barrier where the futex is private.
// @source kernel/futex.c v3.17: futex_wait_setup(), queue_lock(), futex_wake(), hb_waiters_pending(), get_futex_key_refs()
// @bug FUTEX-01 76835b0ebf8a (v3.18) futex: Ensure get_futex_key_refs() always implies a barrier
// @expect sc: safe   tso, lkmm: violation (lost wakeup)
// @expect[FIX_FUTEX_01] all: safe
#include "../lib/futex.h"

static struct futex_hash_bucket hb;
static u32 word;

INIT
{
	futex_init(&hb);
}

static inline void get_futex_key_refs(void)
{
#ifdef FIX_FUTEX_01
	smp_mb();
#endif
}

THREAD(futex_wait)
{
	struct futex_q q = { .task = current };

	hb_waiters_inc(&hb);
	spin_lock(&hb.lock);
	if (READ_ONCE(word) != 0) {
		spin_unlock(&hb.lock);
		hb_waiters_dec(&hb);
		return;
	}
	set_current_state(TASK_INTERRUPTIBLE);
	list_add_tail(&q.list, &hb.chain);
	spin_unlock(&hb.lock);
	if (!READ_ONCE(q.woken))
		schedule();
	__set_current_state(TASK_RUNNING);
	spin_lock(&hb.lock); /* the waker is done with q */
	spin_unlock(&hb.lock);
}

THREAD(futex_wake)
{
	struct futex_q *q, *next;

	WRITE_ONCE(word, 1); /* in user space */
	get_futex_key_refs();
	if (!atomic_read(&hb.waiters))
		return;
	spin_lock(&hb.lock);
	list_for_each_entry_safe(q, next, &hb.chain, list) {
		list_del(&q->list);
		hb_waiters_dec(&hb);
		WRITE_ONCE(q->woken, true);
		wake_up_process(q->task);
	}
	spin_unlock(&hb.lock);
}
