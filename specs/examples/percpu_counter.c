// SPDX-License-Identifier: GPL-2.0-or-later
// A per-CPU counter that an interrupt on the same CPU also increments.
// @expect all: safe
// @expect[IRQS_ON] all: violation (assertion)
#include <ringtail.h>

static DEFINE_PER_CPU(int, events);
static int sum;

static void count_event(void)
{
	int *p = this_cpu_ptr(&events);
#ifdef IRQS_ON
	*p = *p + 1;
#else
	unsigned long flags;

	local_irq_save(flags);
	*p = *p + 1;
	local_irq_restore(flags);
#endif
}

THREAD(cpu0) { count_event(); }
IRQ_ON(timer, cpu0) { count_event(); }
THREAD(cpu1) { count_event(); }

FINALLY
{
	for (int i = 0; i < 2; i++)
		sum += per_cpu(events, i);
	assert(sum == 3);
}
