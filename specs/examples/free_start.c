// SPDX-License-Identifier: GPL-2.0-or-later
// Whatever is left of a budget, two tasks together never take more than that: INIT leaves open what there is.
// @source mm/hugetlb.c v6.6: gather_surplus_pages(), which also looks and takes under one lock
// @expect all: safe
// @expect[LOOKS_FIRST] all: violation (assertion)
#include <ringtail.h>

static DEFINE_SPINLOCK(lock);
static int budget, least;

INIT
{
	budget = choose(0, 5);
	least = choose(0, 2);
	assume(least <= budget);
}

static int take(int n)
{
	int left;

#ifdef LOOKS_FIRST
	left = READ_ONCE(budget);
	if (left - n < least)
		return 0;
	spin_lock(&lock);
#else
	spin_lock(&lock);
	left = READ_ONCE(budget);
	if (left - n < least)
		n = 0;
#endif
	WRITE_ONCE(budget, READ_ONCE(budget) - n);
	spin_unlock(&lock);
	return n;
}

THREAD(one)
{
	take(2);
}

THREAD(two)
{
	take(1);
}

FINALLY
{
	assert(budget >= least);
}
