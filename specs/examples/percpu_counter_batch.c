// SPDX-License-Identifier: GPL-2.0-or-later
// A counter that each CPU has a share of: percpu_counter_read() does not see what is not folded into the sum yet.
// @expect all: violation (assertion)
// @expect[FIX_SUM] all: safe
#include <ringtail.h>
#include <percpu_counter.h>

static struct percpu_counter used;

INIT { percpu_counter_init(&used, 0, GFP_KERNEL); }

THREAD(one) { percpu_counter_add(&used, 1); }
THREAD(other) { percpu_counter_inc(&used); }

FINALLY
{
#ifdef FIX_SUM
	assert(percpu_counter_sum(&used) == 2);
#else
	assert(percpu_counter_read(&used) == 2);
#endif
}
