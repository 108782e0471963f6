// SPDX-License-Identifier: GPL-2.0-or-later
// A waker that sees no waiter on the bucket skips the wake, while the waiter's entry is still on its way.
// @source kernel/futex.c v3.14-rc: futex_wait_setup(), futex_wake()
// @bug LOCK-02 11d4616bd07f38d496bd489ed8fad1dc4d928823 (v3.14) futex: revert back to the explicit waiter counting code
// @expect sc: safe   tso, lkmm: violation (lost wakeup)
// @expect[FIX_LOCK_02] all: safe
#include <ringtail.h>

struct futex_hash_bucket {
	atomic_t waiters;
	spinlock_t lock;
	struct list_head chain;
};

struct futex_q {
	struct list_head list;
	struct task_struct *task;
	u32 *key;
};

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

	for (i = 0; i < (int)ARRAY_SIZE(futex_queues); i++) {
		atomic_set(&futex_queues[i].waiters, 0);
		INIT_LIST_HEAD(&futex_queues[i].chain);
		spin_lock_init(&futex_queues[i].lock);
	}
}

static void hb_waiters_inc(struct futex_hash_bucket *hb)
{
#ifdef FIX_LOCK_02
	atomic_inc(&hb->waiters);
	smp_mb__after_atomic();
#else
	(void)hb;
#endif
}

static void hb_waiters_dec(struct futex_hash_bucket *hb)
{
#ifdef FIX_LOCK_02
	atomic_dec(&hb->waiters);
#else
	(void)hb;
#endif
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

	hb_waiters_inc(hb);
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
	hb_waiters_dec(hb);
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
			hb_waiters_dec(hb);
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
