// SPDX-License-Identifier: GPL-2.0-or-later
// A lock and a reference count in one word (lib/lockref.c): gets and puts need no lock while it is free; the last put
// takes it, so that nobody can revive what dies.
// @source lib/lockref.c v6.6: lockref_get_not_dead(), lockref_put_or_lock()
// @expect all: safe
// @expect[GET_DEAD] all: violation
#include <ringtail.h>

struct lockref {
	u64 word;		/* count in the upper half, lock in bit 0 */
};
#define LOCKED 1ull
#define ONE (1ull << 32)
#define DEAD (128ull << 32)

struct dentry {
	struct lockref ref;
	int name;
};

static struct dentry *dentry;

INIT
{
	dentry = kzalloc(sizeof(*dentry), GFP_KERNEL);
	dentry->ref.word = ONE;
	dentry->name = 7;
}

static void ref_lock(struct lockref *r)
{
	for (;;) {
		u64 old = READ_ONCE(r->word);

		if (!(old & LOCKED) && cmpxchg(&r->word, old, old | LOCKED) == old)
			return;
	}
}

static void ref_unlock(struct lockref *r)
{
	smp_store_release(&r->word, READ_ONCE(r->word) & ~LOCKED);
}

static bool get_not_dead(struct lockref *r)
{
	for (;;) {
		u64 old = READ_ONCE(r->word);

		if (old & LOCKED)
			continue;
#ifndef GET_DEAD
		if (old >= DEAD)
			return false;
#endif
		if (cmpxchg(&r->word, old, old + ONE) == old)
			return true;
	}
}

static void put(struct dentry *d)
{
	u64 old = READ_ONCE(d->ref.word);

	while (!(old & LOCKED) && old > ONE) {
		u64 seen = cmpxchg(&d->ref.word, old, old - ONE);

		if (seen == old)
			return;
		old = seen;
	}
	ref_lock(&d->ref);
	old = READ_ONCE(d->ref.word);
	if (old >= 2 * ONE) {
		WRITE_ONCE(d->ref.word, old - ONE);
		ref_unlock(&d->ref);
		return;
	}
	WRITE_ONCE(d->ref.word, DEAD | LOCKED);
	ref_unlock(&d->ref);
	WRITE_ONCE(d->name, 0);
}

THREAD(lookup)
{
	if (get_not_dead(&dentry->ref)) {
		assert(READ_ONCE(dentry->name) == 7);
		put(dentry);
	}
}

THREAD(owner)
{
	put(dentry);
}
