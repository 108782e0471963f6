// SPDX-License-Identifier: GPL-2.0-or-later
// Message passing with plain and marked accesses, an object that ends too early, a bound, and a loop that waits.
// @expect all: safe
// @expect[NO_BARRIER] sc, tso: safe   lkmm: violation (assertion)
// @expect[DOUBLE_FREE] all: violation (double free)
// @expect[BEYOND] all: violation (out of bounds)
// @expect[NEVER] all: violation (deadlock)
#include <ringtail.h>

static int data, flag;

THREAD(writer)
{
	WRITE_ONCE(data, 1);
#ifndef NO_BARRIER
	smp_wmb();
#endif
#ifndef NEVER
	WRITE_ONCE(flag, 1);
#endif
}

THREAD(reader)
{
	int *p = kmalloc(2 * sizeof(int), GFP_KERNEL);

	while (!READ_ONCE(flag))
		;
	smp_rmb();
	assert(READ_ONCE(data) == 1);
	p[1] = 1;
#ifdef BEYOND
	p[2] = 1;
#endif
	kfree(p);
#ifdef DOUBLE_FREE
	kfree(p);
#endif
}
