// SPDX-License-Identifier: GPL-2.0-or-later
// Handlers of a device's interrupt and tasklets, for specs that include <interrupt.h>. The spec says when they may come:
//
//	IRQ(nic) { raise_irq(NIC_IRQ); }      the device's interrupt comes, if its handler is there and not disabled
//	IRQ(softirq) { run_tasklets(); }      one that is scheduled runs
//
// After kernel/irq/manage.c v6.6: free_irq(), disable_irq(), synchronize_irq(); kernel/softirq.c: tasklet_schedule(),
// tasklet_action_common(), tasklet_kill(), tasklet_disable().
#pragma once
#include <ringtail.h>

#define __RT_NR_IRQS 2
typedef int irqreturn_t;
#define IRQ_NONE 0
#define IRQ_HANDLED 1
#define IRQ_WAKE_THREAD 2
#define IRQ_RETVAL(x) ((x) ? IRQ_HANDLED : IRQ_NONE)
#define IRQF_SHARED 0x80
typedef irqreturn_t (*irq_handler_t)(int irq, void *dev_id);

static struct __rt_irq_desc {
	raw_spinlock_t lock;
	irq_handler_t handler;
	void *dev_id;
	int depth; /* disabled so often */
	int in_progress;
} __rt_irqs[__RT_NR_IRQS];

static inline int request_irq(unsigned int irq, irq_handler_t handler, unsigned long irqflags, const char *name, void *dev_id)
{
	unsigned long flags;

	(void)irqflags;
	(void)name;
	raw_spin_lock_irqsave(&__rt_irqs[irq].lock, flags);
	__rt_irqs[irq].handler = handler;
	__rt_irqs[irq].dev_id = dev_id;
	raw_spin_unlock_irqrestore(&__rt_irqs[irq].lock, flags);
	return 0;
}

static inline void raise_irq(unsigned int irq)
{
	struct __rt_irq_desc *desc = &__rt_irqs[irq];
	irq_handler_t handler;
	void *dev_id;

	raw_spin_lock(&desc->lock);
	handler = desc->depth ? NULL : desc->handler;
	dev_id = desc->dev_id;
	if (handler)
		WRITE_ONCE(desc->in_progress, 1);
	raw_spin_unlock(&desc->lock);
	if (!handler)
		return;
	(void)handler((int)irq, dev_id);
	smp_store_release(&desc->in_progress, 0);
}

// Waits for a handler that runs on another CPU.
static inline void synchronize_irq(unsigned int irq)
{
	might_sleep();
	(void)smp_cond_load_acquire(&__rt_irqs[irq].in_progress, !VAL);
}

static inline void disable_irq_nosync(unsigned int irq)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&__rt_irqs[irq].lock, flags);
	__rt_irqs[irq].depth++;
	raw_spin_unlock_irqrestore(&__rt_irqs[irq].lock, flags);
}

static inline void disable_irq(unsigned int irq)
{
	disable_irq_nosync(irq);
	synchronize_irq(irq);
}

static inline void enable_irq(unsigned int irq)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&__rt_irqs[irq].lock, flags);
	__rt_irqs[irq].depth--;
	raw_spin_unlock_irqrestore(&__rt_irqs[irq].lock, flags);
}

static inline void free_irq(unsigned int irq, void *dev_id)
{
	unsigned long flags;

	(void)dev_id;
	raw_spin_lock_irqsave(&__rt_irqs[irq].lock, flags);
	__rt_irqs[irq].handler = NULL;
	raw_spin_unlock_irqrestore(&__rt_irqs[irq].lock, flags);
	synchronize_irq(irq);
}

// --- tasklets

#define TASKLET_STATE_SCHED 0
#define TASKLET_STATE_RUN 1

struct tasklet_struct {
	struct tasklet_struct *next;
	unsigned long state;
	atomic_t count;
	void (*callback)(struct tasklet_struct *t);
};

static DEFINE_SPINLOCK(__rt_tasklet_lock);
static struct tasklet_struct *__rt_tasklets;

#define from_tasklet(var, callback_tasklet, field) container_of(callback_tasklet, __typeof__(*(var)), field)
#define DECLARE_TASKLET(name, f) struct tasklet_struct name = { .callback = (f) }

static inline void tasklet_setup(struct tasklet_struct *t, void (*callback)(struct tasklet_struct *))
{
	t->next = NULL;
	t->state = 0;
	atomic_set(&t->count, 0);
	t->callback = callback;
}

static inline void tasklet_schedule(struct tasklet_struct *t)
{
	unsigned long flags;

	if (test_and_set_bit(TASKLET_STATE_SCHED, &t->state))
		return;
	spin_lock_irqsave(&__rt_tasklet_lock, flags);
	t->next = __rt_tasklets;
	WRITE_ONCE(__rt_tasklets, t);
	spin_unlock_irqrestore(&__rt_tasklet_lock, flags);
}

static inline void run_tasklets(void)
{
	struct tasklet_struct *t;

	spin_lock_irq(&__rt_tasklet_lock);
	t = __rt_tasklets;
	if (t)
		WRITE_ONCE(__rt_tasklets, t->next);
	spin_unlock_irq(&__rt_tasklet_lock);
	if (!t)
		return;
	if (!test_and_set_bit(TASKLET_STATE_RUN, &t->state)) {
		if (!atomic_read(&t->count)) {
			clear_bit(TASKLET_STATE_SCHED, &t->state);
			t->callback(t);
			clear_bit_unlock(TASKLET_STATE_RUN, &t->state);
			return;
		}
		clear_bit_unlock(TASKLET_STATE_RUN, &t->state);
	}
	spin_lock_irq(&__rt_tasklet_lock); /* disabled, or it runs: later */
	t->next = __rt_tasklets;
	WRITE_ONCE(__rt_tasklets, t);
	spin_unlock_irq(&__rt_tasklet_lock);
}

static inline void tasklet_unlock_wait(struct tasklet_struct *t)
{
	(void)smp_cond_load_acquire(&t->state, !(VAL & BIT(TASKLET_STATE_RUN)));
}

static inline void tasklet_disable(struct tasklet_struct *t)
{
	atomic_inc(&t->count);
	smp_mb__after_atomic();
	tasklet_unlock_wait(t);
	smp_mb();
}

static inline void tasklet_enable(struct tasklet_struct *t)
{
	smp_mb__before_atomic();
	atomic_dec(&t->count);
}

// It does not run any more, if nobody schedules it again. What was scheduled runs first: now, if no softirq did it before.
static inline void tasklet_kill(struct tasklet_struct *t)
{
	might_sleep();
	while (test_and_set_bit(TASKLET_STATE_SCHED, &t->state)) {
		while (test_bit(TASKLET_STATE_SCHED, &t->state) && !READ_ONCE(__rt_tasklets))
			cpu_relax();
		run_tasklets();
	}
	tasklet_unlock_wait(t);
	clear_bit(TASKLET_STATE_SCHED, &t->state);
}
