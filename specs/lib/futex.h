// SPDX-License-Identifier: GPL-2.0-or-later
// A futex's bucket and who waits there.
// @source kernel/futex.c v3.14: struct futex_hash_bucket, struct futex_q, futex_init(), hb_waiters_inc(), hb_waiters_dec()
#pragma once
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
	bool woken; /* the kernel's lock_ptr is NULL then */
};

static inline void futex_init(struct futex_hash_bucket *hb)
{
	atomic_set(&hb->waiters, 0);
	INIT_LIST_HEAD(&hb->chain);
	spin_lock_init(&hb->lock);
}

static inline void hb_waiters_inc(struct futex_hash_bucket *hb)
{
	atomic_inc(&hb->waiters);
	smp_mb__after_atomic();
}

static inline void hb_waiters_dec(struct futex_hash_bucket *hb) { atomic_dec(&hb->waiters); }
