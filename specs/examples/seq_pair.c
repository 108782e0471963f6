// SPDX-License-Identifier: GPL-2.0-or-later
// Two words that belong together, read without a lock between two looks at a sequence count.
// @expect all: safe
// @expect[NO_RETRY] all: violation (assertion)
// @expect[NO_WMB] sc, tso: safe   lkmm: violation
#include <ringtail.h>

static unsigned seq;
static int lo, hi;

static void update(int v)
{
	WRITE_ONCE(seq, seq + 1);
#ifndef NO_WMB
	smp_wmb();
#endif
	WRITE_ONCE(lo, v);
	WRITE_ONCE(hi, v);
#ifndef NO_WMB
	smp_wmb();
#endif
	WRITE_ONCE(seq, seq + 1);
}

static int read_pair(void)
{
	unsigned start;
	int a, b;

	do {
		while ((start = READ_ONCE(seq)) & 1)
			cpu_relax();
		smp_rmb();
		a = READ_ONCE(lo);
		b = READ_ONCE(hi);
		smp_rmb();
#ifdef NO_RETRY
	} while (0);
#else
	} while (READ_ONCE(seq) != start);
#endif
	assert(a == b);
	return a;
}

THREAD(writer) { update(1); }
THREAD(reader) { read_pair(); }
