// SPDX-License-Identifier: GPL-2.0-or-later
// The last put of a ucounts and a lookup: who finds one takes his reference after he has let the lock go.
// @source kernel/ucount.c v5.14-rc: alloc_ucounts(), put_ucounts()
// @bug USER-01 345daff2e994ee844d6a609c37f085695fbb4c4d (v5.14) ucounts: Fix race condition between alloc_ucounts and put_ucounts
// @expect all: violation (use after free)
// @expect[FIX_USER_01] all: safe
#include <ringtail.h>

struct ucounts {
	struct hlist_node node;
	int uid;
	atomic_t count;
};

#define UCOUNTS_HASHTABLE_BITS 1
static struct hlist_head ucounts_hashtable[(1 << UCOUNTS_HASHTABLE_BITS)];
static DEFINE_SPINLOCK(ucounts_lock);
#define ucounts_hashfn(uid) ((uid) & ((1 << UCOUNTS_HASHTABLE_BITS) - 1))
#define ucounts_hashentry(uid) (ucounts_hashtable + ucounts_hashfn(uid))

static struct ucounts *find_ucounts(int uid, struct hlist_head *hashent)
{
	struct ucounts *ucounts;

	hlist_for_each_entry(ucounts, hashent, node) {
		if (ucounts->uid == uid)
			return ucounts;
	}
	return NULL;
}

static inline struct ucounts *get_ucounts(struct ucounts *ucounts)
{
	if (ucounts && atomic_add_negative(1, &ucounts->count)) {
		atomic_dec(&ucounts->count);
		ucounts = NULL;
	}
	return ucounts;
}

static struct ucounts *alloc_ucounts(int uid)
{
	struct hlist_head *hashent = ucounts_hashentry(uid);
	struct ucounts *ucounts, *new;

	spin_lock_irq(&ucounts_lock);
	ucounts = find_ucounts(uid, hashent);
	if (!ucounts) {
		spin_unlock_irq(&ucounts_lock);

		new = kzalloc(sizeof(*new), GFP_KERNEL);
		if (!new)
			return NULL;
		new->uid = uid;
		atomic_set(&new->count, 1);

		spin_lock_irq(&ucounts_lock);
		ucounts = find_ucounts(uid, hashent);
		if (ucounts) {
			kfree(new);
		} else {
			hlist_add_head(&new->node, hashent);
			spin_unlock_irq(&ucounts_lock);
			return new;
		}
	}
#ifndef FIX_USER_01
	spin_unlock_irq(&ucounts_lock);
	ucounts = get_ucounts(ucounts);
#else
	if (!get_ucounts(ucounts))
		ucounts = NULL;
	spin_unlock_irq(&ucounts_lock);
#endif
	return ucounts;
}

static void put_ucounts(struct ucounts *ucounts)
{
	unsigned long flags;

	if (atomic_dec_and_lock_irqsave(&ucounts->count, &ucounts_lock, flags)) {
		hlist_del_init(&ucounts->node);
		spin_unlock_irqrestore(&ucounts_lock, flags);
		kfree(ucounts);
	}
}

static struct ucounts *first;
INIT { first = alloc_ucounts(1000); }

THREAD(exit_cred)
{
	put_ucounts(first);
}

THREAD(fork)
{
	struct ucounts *uc = alloc_ucounts(1000);

	if (uc)
		put_ucounts(uc);
}
