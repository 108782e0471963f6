// SPDX-License-Identifier: GPL-2.0-or-later
// A thread that might have gone on at once may as well wait until the way has been closed and opened again: `seen` is
// 0 where it came late. Nothing but waiting tells the two apart.
// @source smp_cond_load_relaxed(), include/asm-generic/barrier.h
// @expect sc, tso, lkmm: violation (assertion)
// @expect[LOOPS] sc, tso, lkmm: violation (assertion)
// @expect[CMPXCHG] sc, tso, lkmm: violation (assertion)
// @expect[ASSUMES] sc, tso, lkmm: violation (assertion)
#include <ringtail.h>
static int x, closed, seen = 1;
THREAD(waits)
{
	WRITE_ONCE(x, 1);
	smp_mb();
#if defined(LOOPS)
	for (;;) {
		int ready = READ_ONCE(x);

		if (!READ_ONCE(closed) && ready)
			break;
		cpu_relax();
	}
#elif defined(CMPXCHG)
	while (cmpxchg(&closed, 0, 0))
		;
#elif defined(ASSUMES)
	assume(!READ_ONCE(closed));
#else
	while (READ_ONCE(closed))
		;
#endif
}
THREAD(closes)
{
	WRITE_ONCE(closed, 1);
	smp_mb();
	WRITE_ONCE(seen, READ_ONCE(x));
	WRITE_ONCE(closed, 0);
}
FINALLY { assert(READ_ONCE(seen)); }
