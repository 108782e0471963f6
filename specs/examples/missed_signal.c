// SPDX-License-Identifier: GPL-2.0-or-later
// A flag that is taken back: who waits for it by looking may look too late, and then looks for ever.
// @expect all: violation (deadlock)
// @expect[STAYS] all: safe
#include <ringtail.h>

static int ready;

THREAD(announcer)
{
	WRITE_ONCE(ready, 1);
#ifndef STAYS
	WRITE_ONCE(ready, 0);
#endif
}

THREAD(waiter)
{
	while (READ_ONCE(ready) != 1)
		cpu_relax();
}
