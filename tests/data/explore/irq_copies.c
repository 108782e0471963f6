// SPDX-License-Identifier: GPL-2.0-or-later
// An interrupt assigns a structure while what it interrupts assigns another.
// @expect all: safe
// @expect[THE_SAME] all: violation (assertion)
#include <ringtail.h>

struct pair {
	int a, b;
};

static struct pair from = { 1, 2 }, to, irq_from = { 3, 4 }, irq_to;

THREAD(t) { to = from; }
#ifdef THE_SAME
IRQ_ON(timer, t)
{
	irq_to = irq_from;
	from = irq_to;
}
FINALLY { assert(to.a == 1 && to.b == 2); }
#else
IRQ_ON(timer, t) { irq_to = irq_from; }
FINALLY { assert(to.a == 1 && to.b == 2 && irq_to.a == 3 && irq_to.b == 4); }
#endif
