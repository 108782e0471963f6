// SPDX-License-Identifier: GPL-2.0-or-later
// A task that is on somebody's wake queue already is not put on a second: who counts on the second loses the wakeup.
// @source kernel/locking/rwsem-xadd.c v4.20: __rwsem_mark_wake(), kernel/sched/core.c: wake_q_add()
// @bug LOCK-03 (v5.0) locking/rwsem: Fix (possible) missed wakeup
// @expect all: violation (lost wakeup)
// @expect[FIX_LOCK_03] all: safe
// The commit's hash is not certain and so left out.
#include <ringtail.h>

struct rwsem_waiter { struct task_struct *task; };
static struct rwsem_waiter waiter;
static struct task_struct *const reader_task = &__rt_tasks[0];

INIT { waiter.task = reader_task; }

THREAD(reader)
{
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (!smp_load_acquire(&waiter.task))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

THREAD(up_write)
{
	DEFINE_WAKE_Q(wq);
	struct task_struct *tsk = READ_ONCE(waiter.task);

#ifdef FIX_LOCK_03
	smp_store_release(&waiter.task, NULL);
	wake_q_add(&wq, tsk);
#else
	wake_q_add(&wq, tsk);
	smp_store_release(&waiter.task, NULL);
#endif
	wake_up_q(&wq);
}

THREAD(futex_wake)
{
	DEFINE_WAKE_Q(wq);

	wake_q_add(&wq, reader_task);
	wake_up_q(&wq);
}
