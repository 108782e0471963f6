// SPDX-License-Identifier: GPL-2.0-or-later
// A kernel thread sleeps until it is stopped: it says that it sleeps before it looks, or the wakeup of kthread_stop() is lost.
// @source kernel/kthread.c v6.6: kthread_stop()
// @expect all: safe
// @expect[LOOKS_FIRST] all: violation (lost wakeup)
#include <ringtail.h>
#include <kthread.h>

THREAD(kswapd)
{
	kthread_begin(0);
#ifdef LOOKS_FIRST
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		schedule();
	}
#else
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
#endif
	kthread_end();
}

THREAD(unload) { kthread_stop(kthread(0)); }
