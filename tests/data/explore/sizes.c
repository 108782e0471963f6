// SPDX-License-Identifier: GPL-2.0-or-later
// A thread's first local is at one address whatever it is: accesses of different sizes there meet only where they are in
// one execution.
// @expect all: safe
#include <ringtail.h>

static void longs(void)
{
	long x[2];
	long *p = x;

	WRITE_ONCE(p[0], 1);
	assert(READ_ONCE(p[0]) == 1);
}

static void ints(void)
{
	int x[2];
	int *p = x;

	WRITE_ONCE(p[1], 1);
	WRITE_ONCE(p[0], 2);
	assert(READ_ONCE(p[1]) == 1 && READ_ONCE(p[0]) == 2);
}

THREAD(t)
{
	if (choose(0, 1))
		longs();
	else
		ints();
}
