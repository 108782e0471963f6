// SPDX-License-Identifier: GPL-2.0-or-later
// A latch: an interrupt that comes in the middle of an update reads the copy that is not being written.
// @source kernel/time/timekeeping.c v4.0: update_fast_timekeeper(), __ktime_get_fast_ns()
// @expect all: safe
// @expect[ONE_COPY] all: violation (assertion)
#include <ringtail.h>

struct tk_read_base { long cycles, xtime; };

static struct {
	seqcount_latch_t seq;
	struct tk_read_base base[2];
} tk_fast;

static void update(long v)
{
	struct tk_read_base *base = tk_fast.base;

#ifndef ONE_COPY
	raw_write_seqcount_latch(&tk_fast.seq);
#endif
	WRITE_ONCE(base[0].cycles, v);
	WRITE_ONCE(base[0].xtime, v);
	raw_write_seqcount_latch(&tk_fast.seq);
	WRITE_ONCE(base[1].cycles, v);
	WRITE_ONCE(base[1].xtime, v);
}

THREAD(tick) { update(1); }

IRQ(nmi)
{
	struct tk_read_base *tkr;
	unsigned seq;
	long c, x;

	do {
		seq = raw_read_seqcount_latch(&tk_fast.seq);
		tkr = tk_fast.base + (seq & 1);
		c = READ_ONCE(tkr->cycles);
		x = READ_ONCE(tkr->xtime);
	} while (raw_read_seqcount_latch_retry(&tk_fast.seq, seq));
	assert(c == x);
}
