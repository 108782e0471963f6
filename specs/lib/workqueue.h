// SPDX-License-Identifier: GPL-2.0-or-later
// A work queue with one worker. Work is queued once: its pending bit is set by whoever queues it and cleared by the worker
// before the work runs (kernel/workqueue.c: set_work_pool_and_clear_pending()). The worker of a scenario is a thread that
// calls run_workqueue(), which returns when no work is left and stop_workqueue() has been called.
// @source kernel/workqueue.c v3.6: queue_work(), process_one_work()
#pragma once
#include <ringtail.h>

struct work_struct {
	unsigned long pending;
	void (*func)(struct work_struct *work);
};

#define INIT_WORK(work, f) do { (work)->pending = 0; (work)->func = (f); } while (0)

static struct work_struct *queued_work; /* room for one item: a scenario has one */
static int workqueue_stopped;

static inline bool queue_work(struct work_struct *work)
{
	if (test_and_set_bit(0, &work->pending))
		return false;
	smp_store_release(&queued_work, work);
	return true;
}

static inline void stop_workqueue(void)
{
	smp_store_release(&workqueue_stopped, 1);
}

static inline void run_workqueue(void)
{
	for (;;) {
		int stopped = smp_load_acquire(&workqueue_stopped);
		struct work_struct *work = smp_load_acquire(&queued_work);

		if (work) {
			WRITE_ONCE(queued_work, NULL);
			clear_bit(0, &work->pending);
			smp_mb();
			work->func(work);
		} else if (stopped) {
			return;
		} else {
			cpu_relax();
		}
	}
}
