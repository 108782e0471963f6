// SPDX-License-Identifier: GPL-2.0-or-later
// A loop that waits for ever, although what its thread read before it is not the last of its kind.
// @expect all: violation (deadlock)
// @expect[IN_A_LOOP] all: violation (deadlock)
// @expect[COUNT_STAYS] all: safe
#include <ringtail.h>

static int object, *p = &object, count = 1;

THREAD(reader)
{
#ifdef IN_A_LOOP
	for (int i = 0; i < 2; i++)
#endif
		if (READ_ONCE(p))
			while (!READ_ONCE(count))
				cpu_relax();
}

THREAD(writer)
{
	WRITE_ONCE(p, NULL);
#ifndef COUNT_STAYS
	WRITE_ONCE(count, 0);
#endif
}
