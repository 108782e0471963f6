// SPDX-License-Identifier: GPL-2.0-or-later
// An entry is made and added with interrupts off, where nothing may sleep: who allocates with GFP_KERNEL does so before.
// @expect all: safe
// @expect[GFP_SLEEPS] all: violation (sleep in atomic context)
#include <ringtail.h>

#ifdef GFP_SLEEPS
#define GFP_HERE GFP_KERNEL
#else
#define GFP_HERE GFP_ATOMIC
#endif

struct entry {
	struct list_head node;
	int value;
};

static LIST_HEAD(entries);
static DEFINE_SPINLOCK(lock);

THREAD(add)
{
	struct entry *first = kzalloc(sizeof(*first), GFP_KERNEL), *second;
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	WARN_ON(!irqs_disabled());
	list_add(&first->node, &entries);
	second = kzalloc(sizeof(*second), GFP_HERE);
	list_add(&second->node, &entries);
	spin_unlock_irqrestore(&lock, flags);
	WARN_ON(irqs_disabled());
}

IRQ_ON(count, add)
{
	struct entry *e;

	spin_lock(&lock);
	list_for_each_entry(e, &entries, node)
		e->value++;
	spin_unlock(&lock);
}
