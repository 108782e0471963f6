// SPDX-License-Identifier: GPL-2.0-or-later
// Two fields that a lock keeps equal.
// @expect all: safe
// @expect[OUTSIDE] sc, tso: violation (invariant)
#include <ringtail.h>

static int a, b;
static DEFINE_SPINLOCK(lock);

INVARIANT_UNDER(lock, a == b)

THREAD(one)
{
	spin_lock(&lock);
	a = 1;
	b = 1;
	spin_unlock(&lock);
}

THREAD(two)
{
#ifdef OUTSIDE
	a = 2;
	spin_lock(&lock);
#else
	spin_lock(&lock);
	a = 2;
#endif
	b = 2;
	spin_unlock(&lock);
}
