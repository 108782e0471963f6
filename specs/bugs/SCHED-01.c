// SPDX-License-Identifier: GPL-2.0-or-later
// A task goes to sleep again on the CPU that has just been told to run it; its next waker sees the new ->state and the old
// ->on_rq, and waits for a CPU that the task does not leave: the task waits for the waker's lock.
// @source kernel/sched/core.c v4.8: try_to_wake_up(), sched_ttwu_pending(), __schedule()
// @bug SCHED-01 135e8c9250dd5c8c9aae5984fde6f230d0cbfeaf (v4.9) sched/core: Fix a race between try_to_wake_up() and a woken up task
// @expect sc, tso: safe   lkmm: violation (deadlock)
// @expect[FIX_SCHED_01] all: safe
#include <ringtail.h>

struct task {
	raw_spinlock_t pi_lock;
	long state;
	int on_rq, on_cpu;
};

static DEFINE_RAW_SPINLOCK(rq_lock);
static struct task p;
static int condition;

INIT
{
	raw_spin_lock_init(&p.pi_lock);
	p.state = TASK_WAKING;
}

/* p was queued for this CPU: no pi_lock here, only the run queue's. Then it runs, and would sleep again. */
THREAD(cpu)
{
	raw_spin_lock(&rq_lock);
	WRITE_ONCE(p.on_rq, 1);
	WRITE_ONCE(p.state, TASK_RUNNING);
	raw_spin_unlock(&rq_lock);

	smp_mb(); /* smp_mb__before_spinlock() of __schedule() */
	raw_spin_lock(&rq_lock);
	WRITE_ONCE(p.on_cpu, 1);
	raw_spin_unlock(&rq_lock);

	smp_store_mb(p.state, TASK_UNINTERRUPTIBLE);
	raw_spin_lock_irq(&p.pi_lock);
	condition |= 2;
	raw_spin_unlock_irq(&p.pi_lock);
}

THREAD(waker)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&p.pi_lock, flags);
	smp_mb__after_spinlock();
	if (!(READ_ONCE(p.state) & TASK_NORMAL))
		goto out;
#ifdef FIX_SCHED_01
	smp_rmb();
#endif
	if (READ_ONCE(p.on_rq))
		goto out;
	smp_rmb();
	smp_cond_load_acquire(&p.on_cpu, !VAL);
out:
	raw_spin_unlock_irqrestore(&p.pi_lock, flags);
}
