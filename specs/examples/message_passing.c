// SPDX-License-Identifier: GPL-2.0-or-later
// The smallest spec worth having: data, then a flag; flag, then data.
// @expect sc, tso: safe   lkmm: violation (assertion)
// @expect[FIX_WMB] sc, tso: safe   lkmm: violation (assertion)
// @expect[FIX_RMB, FIX_WMB] all: safe
// @expect[FIX_ACQUIRE] all: safe
#include <ringtail.h>

static int data, flag;

THREAD(writer)
{
	WRITE_ONCE(data, 1);
#ifdef FIX_WMB
	smp_wmb();
#endif
#ifdef FIX_ACQUIRE
	smp_store_release(&flag, 1);
#else
	WRITE_ONCE(flag, 1);
#endif
}

THREAD(reader)
{
#ifdef FIX_ACQUIRE
	int seen = smp_load_acquire(&flag);
#else
	int seen = READ_ONCE(flag);
#endif

#ifdef FIX_RMB
	smp_rmb();
#endif
	if (seen)
		assert(READ_ONCE(data) == 1);
}
