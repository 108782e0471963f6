// SPDX-License-Identifier: GPL-2.0-or-later
// A deadline, asked about just before the clock wraps around: plain comparison takes it for past.
// @expect all: safe
// @expect[COMPARED] all: violation (assertion)
#include <ringtail.h>

static unsigned long deadline;

INIT
{
	time_passes(-3UL);
	deadline = jiffies + 5;
}

IRQ(tick) { time_passes(1); }

THREAD(poller)
{
#ifdef COMPARED
	assert(jiffies < deadline);
#else
	assert(time_before(jiffies, deadline));
#endif
}
