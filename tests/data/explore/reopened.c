// SPDX-License-Identifier: GPL-2.0-or-later
// The way that a thread waits for is opened, closed and opened again. A thread that waits looks at the last write
// only: with any other it would be the same execution, blocked once more.
// @source smp_cond_load_relaxed(), include/asm-generic/barrier.h
// @expect sc, tso, lkmm: safe
#include <ringtail.h>
static int way, after;
THREAD(waits)
{
	while (READ_ONCE(way) != 2)
		;
	WRITE_ONCE(way, 4);
}
THREAD(opens)
{
	WRITE_ONCE(way, 2);
	if (READ_ONCE(way) == 1)
		WRITE_ONCE(way, 2);
}
THREAD(closes)
{
	WRITE_ONCE(way, 1);
	smp_mb();
	if (READ_ONCE(way) == 1)
		WRITE_ONCE(way, 2);
}
THREAD(looks)
{
	after = READ_ONCE(way);
}
FINALLY { assert(after <= 4); }
