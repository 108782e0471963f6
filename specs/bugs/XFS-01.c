// SPDX-License-Identifier: GPL-2.0-or-later
// A kernel thread looks whether it should stop before it says that it is going to sleep.
// @source fs/xfs/xfs_trans_ail.c v4.16: xfsaild()
// @bug XFS-01 (v4.17) xfs: check kthread_should_stop() after the setting of task state
// @expect all: violation (lost wakeup)
// @expect[FIX_XFS_01] all: safe
// The commit's hash is not certain and so left out.
#include <ringtail.h>
#include <kthread.h>

THREAD(xfsaild)
{
	kthread_begin(0);
	while (1) {
#ifndef FIX_XFS_01
		if (kthread_should_stop())
			break;
#endif
		set_current_state(TASK_INTERRUPTIBLE);
#ifdef FIX_XFS_01
		if (kthread_should_stop()) {
			__set_current_state(TASK_RUNNING);
			break;
		}
#endif
		schedule();
		__set_current_state(TASK_RUNNING);
	}
	kthread_end();
}

THREAD(umount) { kthread_stop(kthread(0)); }
