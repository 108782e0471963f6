// SPDX-License-Identifier: GPL-2.0-or-later
// Work for an interrupt is claimed while it begins to run: a plain store of the busy flag overwrites the claim.
// And who finds it claimed already by a compare-and-exchange that fails has ordered nothing: what he did before is not
// seen by the run that he relies on.
// @source kernel/irq_work.c v3.7: irq_work_claim(), __irq_work_run()
// @bug IRQ-01 c8446b75be6f (v3.8) irq_work: Fix racy IRQ_WORK_BUSY flag setting
// @bug[FIX_IRQ_01] IRQ-02 25269871db1a (v5.5) irq_work: Fix irq_work_claim() memory ordering
// @expect sc: safe   tso: violation (assertion)   lkmm: violation
// @expect[FIX_IRQ_01] sc, tso: safe   lkmm: violation (assertion)
// @expect[FIX_IRQ_01, FIX_IRQ_02] all: safe
#include <ringtail.h>

#define IRQ_WORK_PENDING 1
#define IRQ_WORK_BUSY 2
#define IRQ_WORK_FLAGS 3

struct irq_work {
	atomic_t flags;
	struct llist_node llnode;
	void (*func)(struct irq_work *);
};

static LLIST_HEAD(irq_work_list);
static int data, seen;

static void handler(struct irq_work *work)
{
	(void)work;
	if (READ_ONCE(data))
		WRITE_ONCE(seen, 1);
}

static struct irq_work work = { .func = handler };

static bool irq_work_claim(struct irq_work *work)
{
#ifdef FIX_IRQ_02
	return !(atomic_fetch_or(IRQ_WORK_FLAGS, &work->flags) & IRQ_WORK_PENDING);
#else
	int flags = atomic_read(&work->flags) & ~IRQ_WORK_PENDING, oflags;

	for (;;) {
		oflags = atomic_cmpxchg(&work->flags, flags, flags | IRQ_WORK_FLAGS);
		if (oflags == flags)
			return true;
		if (oflags & IRQ_WORK_PENDING)
			return false;
		flags = oflags;
		cpu_relax();
	}
#endif
}

static void irq_work_queue(struct irq_work *work)
{
	if (irq_work_claim(work))
		llist_add(&work->llnode, &irq_work_list);
}

static void irq_work_run(void)
{
	struct llist_node *llnode = llist_del_all(&irq_work_list);

	while (llnode != NULL) {
		struct irq_work *work = llist_entry(llnode, struct irq_work, llnode);

		llnode = llnode->next;
#ifdef FIX_IRQ_01
		atomic_xchg(&work->flags, IRQ_WORK_BUSY);
#else
		atomic_set(&work->flags, IRQ_WORK_BUSY);
#endif
		work->func(work);
		(void)atomic_cmpxchg(&work->flags, IRQ_WORK_BUSY, 0);
	}
}

INIT { irq_work_queue(&work); }

THREAD(producer)
{
	WRITE_ONCE(data, 1);
	irq_work_queue(&work);
}

IRQ(ipi) { irq_work_run(); }

FINALLY
{
	irq_work_run(); /* what is queued still */
	assert(seen);
}
