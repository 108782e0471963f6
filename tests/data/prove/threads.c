// SPDX-License-Identifier: GPL-2.0-or-later
// A number of 64 bits goes from one thread to another: no explorer tries all.
// @expect sc, tso: safe   lkmm: violation (assertion)
// @expect[FIX] all: safe
// @expect[PLAIN] sc, tso: safe   lkmm: violation (data race)
#include <ringtail.h>

static unsigned long data;
static int flag;

THREAD(writer)
{
	unsigned long n = choose(0UL, ~0UL);

#ifdef PLAIN
	data = n * 2 + 1;
#else
	WRITE_ONCE(data, n * 2 + 1);
#endif
#ifdef FIX
	smp_wmb();
#endif
	WRITE_ONCE(flag, 1);
}

THREAD(reader)
{
	int seen = READ_ONCE(flag);

#ifdef FIX
	smp_rmb();
#endif
	if (seen)
#ifdef PLAIN
		WRITE_ONCE(data, 0);
#else
		assert(READ_ONCE(data) & 1);
#endif
}
