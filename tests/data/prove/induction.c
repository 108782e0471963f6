// SPDX-License-Identifier: GPL-2.0-or-later
// An invariant that holds, but does not follow from itself: nothing says that `taken` is never more than `given`. One
// that is broken. One that is read without its lock.
#include <ringtail.h>

static DEFINE_SPINLOCK(tickets);
static unsigned given, taken;
INVARIANT_UNDER(tickets, given - taken < 5)

static DEFINE_SPINLOCK(pair);
static int left, right;
INVARIANT_UNDER(pair, left == right)

static DEFINE_SPINLOCK(loose);
static int counter;
INVARIANT_UNDER(loose, counter >= 0)

/* 5 is impossible, but so it is said of no state that 4 is not followed by it */
THREAD(give)
{
	spin_lock(&tickets);
	if (given - taken != 3)
		given++;
	spin_unlock(&tickets);
}

THREAD(take)
{
	spin_lock(&tickets);
	if (given != taken)
		taken++;
	spin_unlock(&tickets);
}

THREAD(both)
{
	int by = choose(-2, 2);

	spin_lock(&pair);
	left += by;
	if (right < 3)
		right += by;
	spin_unlock(&pair);
}

THREAD(count)
{
	counter++;
}
