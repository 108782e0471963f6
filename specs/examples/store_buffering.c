// SPDX-License-Identifier: GPL-2.0-or-later
// Two threads that each announce themselves and then look for the other: without full barriers both may enter.
// @expect sc: safe   tso, lkmm: violation (assertion)
// @expect[FIX_MB] all: safe
#include <ringtail.h>

static int wants[2];
static atomic_t inside;

static void enter(int me)
{
	WRITE_ONCE(wants[me], 1);
#ifdef FIX_MB
	smp_mb();
#endif
	if (READ_ONCE(wants[1 - me]))
		return;
	assert(atomic_inc_return_relaxed(&inside) == 1);
}

THREAD(left)  { enter(0); }
THREAD(right) { enter(1); }
