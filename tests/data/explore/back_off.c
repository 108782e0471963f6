// SPDX-License-Identifier: GPL-2.0-or-later
// Loops that do something, take it back and try again. Of rounds that nobody else sees one more is no other execution; of
// those that somebody sees there may be any number, of which a few are looked at.
// @expect all: safe
// @expect[SEEN] all: violation (assertion)
// @expect[NEVER] all: violation (deadlock)
#include <ringtail.h>

static DEFINE_SPINLOCK(outer);
static DEFINE_SPINLOCK(inner);
static atomic_t tries;
static int done;

static void both(spinlock_t *first, spinlock_t *second)
{
again:
	spin_lock(first);
	atomic_inc(&tries);
	if (!spin_trylock(second)) {
		atomic_dec(&tries);
		spin_unlock(first);
		cpu_relax();
		goto again;
	}
	done++;
	spin_unlock(second);
	spin_unlock(first);
}

THREAD(against_the_order) { both(&inner, &outer); }

THREAD(in_order)
{
	spin_lock(&outer);
#ifdef SEEN
	assert(atomic_read(&tries) == 0);
#endif
	spin_lock(&inner);
	done++;
	spin_unlock(&inner);
#ifndef NEVER
	spin_unlock(&outer);
#else
	for (;;)
		if (READ_ONCE(done) == 7)
			break;
	spin_unlock(&outer);
#endif
}

FINALLY { assert(done == 2); }
