// SPDX-License-Identifier: GPL-2.0-or-later
// Two locks in opposite orders; the second side only tries, and backs off.
// @expect all: safe
// @expect[LOCK_BOTH] all: violation (deadlock)
// @expect[FORGET_UNLOCK] all: violation
#include <ringtail.h>
static DEFINE_SPINLOCK(outer);
static DEFINE_SPINLOCK(inner);
static int moved;

static int move_back(void)
{
	int err = -EBUSY;

	spin_lock(&inner);
#ifdef LOCK_BOTH
	spin_lock(&outer);
#else
	if (!spin_trylock(&outer))
		goto out;
#endif
	moved++;
	err = 0;
	spin_unlock(&outer);
#ifndef LOCK_BOTH
out:
#endif
#ifdef FORGET_UNLOCK
	if (!err)
#endif
	spin_unlock(&inner);
	return err;
}
THREAD(forward)
{
	spin_lock(&outer);
	spin_lock(&inner);
	moved++;
	spin_unlock(&inner);
	spin_unlock(&outer);
}
THREAD(backward)
{
	int err = move_back();

	if (err)
		assert(err == -EBUSY);
}
FINALLY { assert(moved == 1 || moved == 2); }
