// SPDX-License-Identifier: GPL-2.0-or-later
// A kernel thread that is told to stop (kthread_stop): the flag, then the wake-up.
// @expect all: safe
// @expect[NO_WAKE] all: violation (lost wakeup)
// @expect[STATE_LATE] all: violation (lost wakeup)
#include <ringtail.h>
static bool should_stop;
static struct task_struct *worker_task;
static struct completion exited;

INIT { init_completion(&exited); }

THREAD(worker)
{
	WRITE_ONCE(worker_task, current);
	for (;;) {
#ifndef STATE_LATE
		set_current_state(TASK_INTERRUPTIBLE);
#endif
		if (READ_ONCE(should_stop))
			break;
#ifdef STATE_LATE
		set_current_state(TASK_INTERRUPTIBLE);
#endif
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	complete(&exited);
}
THREAD(stopper)
{
	struct task_struct *t;

	while (!(t = READ_ONCE(worker_task)))
		cpu_relax();
	WRITE_ONCE(should_stop, true);
#ifndef NO_WAKE
	wake_up_process(t);
#endif
	wait_for_completion(&exited);
	assert(READ_ONCE(should_stop));
}
