// SPDX-License-Identifier: GPL-2.0-or-later
// A waker that sees no waiter on the bucket skips the wake, while the waiter's entry is still on its way.
// @source kernel/futex.c v3.14-rc: futex_wait_setup(), futex_wake()
// @bug LOCK-02 11d4616bd07f38d496bd489ed8fad1dc4d928823 (v3.14) futex: revert back to the explicit waiter counting code
// @expect sc: safe   tso, lkmm: violation (lost wakeup)
// @expect[FIX_LOCK_02] all: safe
#include "../lib/futex.h"

#define FUTEX_HASHBITS 1
static struct futex_hash_bucket futex_queues[1 << FUTEX_HASHBITS];
static u32 uaddr[4];

static inline struct futex_hash_bucket *hash_futex(u32 *key)
{
	unsigned long hash = (unsigned long)key;

	return &futex_queues[(hash >> 4) & ((1 << FUTEX_HASHBITS) - 1)];
}

INIT
{
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(futex_queues); i++)
		futex_init(&futex_queues[i]);
}

static int hb_waiters_pending(struct futex_hash_bucket *hb)
{
#ifdef FIX_LOCK_02
	smp_mb();
	return atomic_read(&hb->waiters);
#else
	return spin_is_locked(&hb->lock) || !list_empty(&hb->chain);
#endif
}

static int futex_wait(u32 *key, u32 val)
{
	struct futex_hash_bucket *hb = hash_futex(key);
	struct futex_q q = { .task = current, .key = key };
	int ret = 0;

#ifdef FIX_LOCK_02
	hb_waiters_inc(hb);
#endif
	spin_lock(&hb->lock);
	if (READ_ONCE(*key) != val) { /* get_futex_value_locked() */
		ret = -EWOULDBLOCK;
		goto out;
	}
	set_current_state(TASK_INTERRUPTIBLE);
	list_add_tail(&q.list, &hb->chain);
	spin_unlock(&hb->lock);
	schedule();
	return 0;
out:
	spin_unlock(&hb->lock);
#ifdef FIX_LOCK_02
	hb_waiters_dec(hb);
#endif
	return ret;
}

static int futex_wake(u32 *key, int nr_wake)
{
	struct futex_hash_bucket *hb = hash_futex(key);
	struct futex_q *this, *next;
	int ret = 0;

	if (!hb_waiters_pending(hb))
		return ret;
	spin_lock(&hb->lock);
	list_for_each_entry_safe(this, next, &hb->chain, list) {
		if (this->key == key) {
			struct task_struct *p = this->task;

			list_del(&this->list);
#ifdef FIX_LOCK_02
			hb_waiters_dec(hb);
#endif
			wake_up_state(p, TASK_NORMAL);
			if (++ret >= nr_wake)
				break;
		}
	}
	spin_unlock(&hb->lock);
	return ret;
}

THREAD(waiter)
{
	futex_wait(&uaddr[1], 0);
}

THREAD(waker)
{
	WRITE_ONCE(uaddr[1], 1);
	futex_wake(&uaddr[1], 1);
}
