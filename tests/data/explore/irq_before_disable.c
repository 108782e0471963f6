// SPDX-License-Identifier: GPL-2.0-or-later
// An interrupt comes before interrupts are held off, or after.
// @expect all: violation (assertion)
#include <ringtail.h>
static int x;
THREAD(t)
{
	local_irq_disable();
	WRITE_ONCE(x, 1);
	local_irq_enable();
}
IRQ_ON(timer, t) { assert(READ_ONCE(x) == 1); }
