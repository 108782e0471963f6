// SPDX-License-Identifier: GPL-2.0-or-later
// A per-CPU counter that an interrupt on the same CPU changes, too: the change must be one instruction, or interrupts be off.
// @expect all: safe
// @expect[TWO_INSTRUCTIONS] all: violation (assertion)
// @expect[TWO_INSTRUCTIONS, IRQS_OFF] all: safe
#include <ringtail.h>

static DEFINE_PER_CPU(int, events);
static unsigned int cpu_of_task;

THREAD(task)
{
	unsigned long flags;

	cpu_of_task = smp_processor_id();
#ifdef IRQS_OFF
	local_irq_save(flags);
#else
	(void)flags;
#endif
#ifdef TWO_INSTRUCTIONS
	__this_cpu_inc(events);
#else
	this_cpu_inc(events);
#endif
#ifdef IRQS_OFF
	local_irq_restore(flags);
#endif
}

IRQ_ON(timer, task) { this_cpu_add(events, 2); }

FINALLY { assert(per_cpu(events, cpu_of_task) == 3); }
