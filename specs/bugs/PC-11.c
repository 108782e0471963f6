// SPDX-License-Identifier: GPL-2.0-or-later
// A page is unlocked, which wakes one of those who wait for its lock; he is killed, and goes away without the lock.
// The wakeup was meant for whoever takes the lock next: the other waiter sleeps beside a page that nobody has locked.
// @source mm/filemap.c v2.6.28: __lock_page_killable(), unlock_page(); kernel/wait.c v2.6.28: __wait_on_bit_lock()
// @bug PC-11 2a9127fcf2296674d58024f83981f40b128fffea (v5.9) mm: rewrite wait_on_page_bit_common() logic
// @seed other: nobody there waits for a page so that he can be killed
// What the rewrite did away with for good, in its first shape: the fix here is the one of v2.6.29 (abort_exclusive_wait()).
// @expect all: violation (lost wakeup)
// @expect[FIX_PC_11] all: safe
#include <ringtail.h>

#define PG_locked 0
#define killable_task (&__rt_tasks[0]) /* the first thread's */

static unsigned long flags = BIT(PG_locked);
static DECLARE_WAIT_QUEUE_HEAD(wq); /* page_waitqueue(), of this page alone */

static void abort_exclusive_wait(wait_queue_entry_t *wait)
{
	spin_lock_irq(&wq.lock);
	if (!list_empty(&wait->entry))
		list_del_init(&wait->entry);
#ifdef FIX_PC_11
	else if (waitqueue_active(&wq)) /* the wakeup has come: it is passed on */
		wake_up_locked(&wq);
#endif
	spin_unlock_irq(&wq.lock);
}

// Both have queued themselves and are about to sleep.
static wait_queue_entry_t waits[2];

static void sleep_on(int n, int mode)
{
	waits[n].private = &__rt_tasks[n];
	waits[n].func = autoremove_wake_function;
	waits[n].flags = WQ_FLAG_EXCLUSIVE;
	list_add_tail(&waits[n].entry, &wq.head);
	__rt_tasks[n].__state = mode;
}

INIT
{
	sleep_on(0, TASK_KILLABLE);
	sleep_on(1, TASK_UNINTERRUPTIBLE);
}

static int __lock_page(wait_queue_entry_t *wait, int mode)
{
	for (;;) {
		io_schedule();
		if (mode == TASK_KILLABLE && fatal_signal_pending(current)) {
			abort_exclusive_wait(wait);
			return -EINTR;
		}
		if (!test_and_set_bit(PG_locked, &flags))
			break;
		prepare_to_wait_exclusive(&wq, wait, mode);
	}
	finish_wait(&wq, wait);
	return 0;
}

THREAD(killable)
{
	assume(__lock_page(&waits[0], TASK_KILLABLE) == -EINTR); /* else it unlocks the page one day, and wakes the other */
}

THREAD(waiter) { __lock_page(&waits[1], TASK_UNINTERRUPTIBLE); }

// The owner's I/O is done, and somebody kills the first.
THREAD(owner)
{
	clear_bit_unlock(PG_locked, &flags);
	smp_mb__after_atomic();
	if (waitqueue_active(&wq))
		wake_up(&wq);
	WRITE_ONCE(killable_task->pending, 1);
	wake_up_state(killable_task, TASK_KILLABLE);
}
