// SPDX-License-Identifier: GPL-2.0-or-later
// What an invariant looks at depends on what it has read: here, on which element is the current one.
// @expect all: safe
// @expect[TOO_EARLY] all: violation (invariant)
#include <ringtail.h>

static int current_one, ready[2] = { 1, 0 };

INVARIANT(the_current_one_is_ready, ready[current_one] == 1)

THREAD(t)
{
#ifdef TOO_EARLY
	WRITE_ONCE(current_one, 1);
#endif
	WRITE_ONCE(ready[1], 1);
	smp_wmb();
	WRITE_ONCE(current_one, 1);
}
