// SPDX-License-Identifier: GPL-2.0-or-later
// Whoever has seen the flag comes after kfree() in every execution, with all that he does to the object: more than once,
// to different members, by a read-modify-write.
// @expect all: violation (use after free)
// @expect[ONCE] all: violation (use after free)
// @expect[WRITES] all: violation (use after free)
// @expect[LOCKS] all: violation (use after free)
// @expect[BY_COHERENCE] all: violation (use after free)
// @expect[INSIDE] all: safe
#include <ringtail.h>

struct item {
	int a, b;
	spinlock_t lock;
};

static struct item *slot;
static int done, x;

INIT
{
	slot = kzalloc(sizeof(*slot), GFP_KERNEL);
	spin_lock_init(&slot->lock);
}

THREAD(owner)
{
	struct item *item = slot;

	WRITE_ONCE(slot, NULL);
	synchronize_rcu();
	kfree(item);
#ifdef BY_COHERENCE
	WRITE_ONCE(done, 1);
#else
	smp_store_release(&done, 1);
#endif
}

THREAD(user)
{
	struct item *item;

	rcu_read_lock();
	item = rcu_dereference(slot);
	if (!item) {
		rcu_read_unlock();
		return;
	}
#ifdef INSIDE
	WRITE_ONCE(x, item->a + item->b);
	rcu_read_unlock();
#else
	rcu_read_unlock();
#ifdef BY_COHERENCE
	if (xchg(&done, 2) != 1)
		return;
#else
	if (!smp_load_acquire(&done))
		return;
#endif
#ifdef WRITES
	item->a = 1;
	item->b = 2;
#elif defined(LOCKS)
	spin_lock(&item->lock);
	item->a = 1;
	spin_unlock(&item->lock);
#else
	WRITE_ONCE(x, item->a);
#ifndef ONCE
	WRITE_ONCE(x, item->b);
	WRITE_ONCE(x, item->a);
#endif
#endif
#endif
}
