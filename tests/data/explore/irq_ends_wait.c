// SPDX-License-Identifier: GPL-2.0-or-later
// A thread waits for what an interrupt on its own CPU does: it comes while the thread waits, unless that holds it off.
// @expect all: safe
// @expect[SPIN] all: safe
// @expect[SPIN, IRQS_OFF] all: violation (deadlock)
// @expect[GRACE] all: safe
// @expect[TOO_FEW] all: violation (lost wakeup)
#include <ringtail.h>

static DECLARE_COMPLETION(done);
static int flag;

#ifdef SPIN
THREAD(waiter)
{
#ifdef IRQS_OFF
	local_irq_disable();
#endif
	while (!READ_ONCE(flag))
		cpu_relax();
#ifdef IRQS_OFF
	local_irq_enable();
#endif
	assert(READ_ONCE(flag));
}
#elif defined(GRACE)
THREAD(waiter) { wait_for_completion(&done); }
THREAD(reader)
{
	rcu_read_lock();
	while (!READ_ONCE(flag))
		cpu_relax();
	rcu_read_unlock();
	complete(&done);
}
#else
THREAD(waiter)
{
	wait_for_completion(&done);
#ifdef TOO_FEW
	wait_for_completion(&done);
#endif
}
#endif

IRQ_ON(timer, waiter)
{
	WRITE_ONCE(flag, 1);
#ifndef GRACE
	complete(&done);
#endif
}
