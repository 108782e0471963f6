// SPDX-License-Identifier: GPL-2.0-or-later
// INIT and FINALLY run alone, so that nobody lets a loop go that waits there; nor does one end that only goes on.
// @expect all: safe
// @expect[FIRST] all: violation (deadlock)
// @expect[LAST] all: violation (deadlock)
// @expect[LAST, GOES_ON] all: violation (deadlock)
#include <ringtail.h>

static int x, y;

static void wait_for_x(void)
{
#ifdef GOES_ON
	for (;;)
		x++;
#else
	while (!READ_ONCE(x))
		cpu_relax();
#endif
}

INIT
{
#ifdef FIRST
	wait_for_x();
#endif
	y = 1;
}

THREAD(t) { assert(READ_ONCE(y) == 1); }

FINALLY
{
#ifdef LAST
	wait_for_x();
#else
	(void)wait_for_x;
#endif
	assert(y == 1);
}
