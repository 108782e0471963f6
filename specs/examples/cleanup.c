// SPDX-License-Identifier: GPL-2.0-or-later
// Locks and memory whose scope ends by itself: guard(), scoped_guard() and __free(), whichever way the function is left.
// @expect all: safe
// @expect[NO_GUARD] sc, tso: violation (assertion)   lkmm: violation (data race)
// @expect[FREED_TOO] all: violation (double free)
#include <ringtail.h>

struct entry {
	int value;
};

static DEFINE_MUTEX(lock);
static DEFINE_SPINLOCK(count_lock);
static struct entry *current_entry;
static int replaced, refused;

static struct entry *new_entry(int value)
{
	struct entry *e __free(kfree) = kmalloc(sizeof(*e), GFP_KERNEL);

	e->value = value;
	if (value < 0)
		return NULL; /* and e is freed */
#ifdef FREED_TOO
	return e;
#else
	return_ptr(e);
#endif
}

static int replace(int value)
{
	struct entry *e __free(kfree) = new_entry(value);

	if (!e) {
		scoped_guard(spinlock, &count_lock)
			refused++;
		return -EINVAL;
	}
#ifndef NO_GUARD
	guard(mutex)(&lock);
#endif
	swap(current_entry, e); /* the old one is freed, after the lock is let go */
	replaced++;
	return 0;
}

THREAD(one)
{
	replace(1);
	replace(-1);
}

THREAD(two) { replace(2); }

FINALLY
{
	assert(current_entry && current_entry->value > 0);
	assert(replaced == 2 && refused == 1);
	assert(!mutex_is_locked(&lock));
}
