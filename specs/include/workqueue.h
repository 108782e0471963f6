// SPDX-License-Identifier: GPL-2.0-or-later
// A work queue, for specs that include <workqueue.h>. Work that is queued runs once, in a thread that the spec gives:
//
//	THREAD(kworker) { run_workqueue(); }
//
// which runs what is queued until stop_workqueue() has been called and nothing is left. The pending bit is set by whoever
// queues and cleared by the worker before the work runs; delayed work is work, for its time may be up at once. All queues
// are one, with one worker, so that what would run side by side on two queues needs a thread of its own.
// After kernel/workqueue.c v6.6: queue_work_on(), process_one_work(), cancel_work_sync(), flush_work(), flush_workqueue().
#pragma once
#include <ringtail.h>

struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);

struct work_struct {
	unsigned long pending;
	struct list_head entry;
	work_func_t func;
};

struct delayed_work { struct work_struct work; };
struct workqueue_struct { int unused; };

static DEFINE_SPINLOCK(__rt_pool_lock);
static LIST_HEAD(__rt_worklist);
static struct work_struct *__rt_running_work;
static int __rt_workqueue_stopped;
static struct workqueue_struct __rt_workqueue;

#define system_wq (&__rt_workqueue)
#define system_long_wq (&__rt_workqueue)
#define system_unbound_wq (&__rt_workqueue)
#define alloc_workqueue(...) (&__rt_workqueue)
#define alloc_ordered_workqueue(...) (&__rt_workqueue)
#define create_singlethread_workqueue(name) (&__rt_workqueue)

#define __WORK_INITIALIZER(name, f) { .entry = LIST_HEAD_INIT((name).entry), .func = (f) }
#define DECLARE_WORK(name, f) struct work_struct name = __WORK_INITIALIZER(name, f)
#define DECLARE_DELAYED_WORK(name, f) struct delayed_work name = { .work = __WORK_INITIALIZER(name.work, f) }
#define INIT_WORK(w, f) do { (w)->pending = 0; INIT_LIST_HEAD(&(w)->entry); (w)->func = (f); } while (0)
#define INIT_DELAYED_WORK(w, f) INIT_WORK(&(w)->work, f)
#define to_delayed_work(w) container_of(w, struct delayed_work, work)

static inline bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	unsigned long flags;
	bool queued;

	(void)wq;
	spin_lock_irqsave(&__rt_pool_lock, flags);
	queued = !test_and_set_bit(0, &work->pending);
	if (queued)
		list_add_tail(&work->entry, &__rt_worklist);
	spin_unlock_irqrestore(&__rt_pool_lock, flags);
	return queued;
}

#define schedule_work(work) queue_work(system_wq, work)
#define queue_delayed_work(wq, dwork, delay) queue_work(wq, &(dwork)->work)
#define mod_delayed_work(wq, dwork, delay) queue_work(wq, &(dwork)->work)
#define schedule_delayed_work(dwork, delay) queue_work(system_wq, &(dwork)->work)
#define work_pending(work) test_bit(0, &(work)->pending)
#define delayed_work_pending(dwork) work_pending(&(dwork)->work)

// Runs one item, if there is one.
static inline bool process_one_work(void)
{
	struct work_struct *work;
	work_func_t func;

	spin_lock_irq(&__rt_pool_lock);
	work = list_first_entry_or_null(&__rt_worklist, struct work_struct, entry);
	if (!work) {
		spin_unlock_irq(&__rt_pool_lock);
		return false;
	}
	WRITE_ONCE(__rt_running_work, work);
	smp_wmb(); /* whoever sees that it is not on the list sees that it runs */
	list_del_init(&work->entry);
	func = work->func;
	clear_bit(0, &work->pending);
	smp_mb();
	spin_unlock_irq(&__rt_pool_lock);
	func(work); /* which may free the work */
	smp_store_release(&__rt_running_work, NULL);
	return true;
}

static inline void stop_workqueue(void)
{
	smp_store_release(&__rt_workqueue_stopped, 1);
}

static inline void run_workqueue(void)
{
	int stopped;

	do {
		while (!(stopped = smp_load_acquire(&__rt_workqueue_stopped)) && list_empty(&__rt_worklist))
			cpu_relax();
		while (process_one_work())
			;
	} while (!stopped);
}

// Takes it back if it has not begun. With `hold` nobody can queue it until the pending bit is cleared.
static inline bool __rt_cancel_work(struct work_struct *work, bool hold)
{
	unsigned long flags;
	bool was_pending;

	spin_lock_irqsave(&__rt_pool_lock, flags);
	was_pending = !list_empty(&work->entry);
	if (was_pending)
		list_del_init(&work->entry);
	if (hold && !was_pending)
		set_bit(0, &work->pending);
	if (!hold && was_pending)
		clear_bit(0, &work->pending);
	spin_unlock_irqrestore(&__rt_pool_lock, flags);
	return was_pending;
}

#define cancel_work(work) __rt_cancel_work(work, false)

// Waits if it has begun; work that queues itself does not any more.
static inline bool cancel_work_sync(struct work_struct *work)
{
	bool was_pending = __rt_cancel_work(work, true);

	might_sleep();
	(void)smp_cond_load_acquire(&__rt_running_work, VAL != work);
	clear_bit_unlock(0, &work->pending);
	return was_pending;
}

static inline bool flush_work(struct work_struct *work)
{
	might_sleep();
	while (smp_load_acquire(&work->entry.next) != &work->entry)
		cpu_relax();
	(void)smp_cond_load_acquire(&__rt_running_work, VAL != work);
	return true;
}

// Until all has run that was queued, and what that queued.
static inline void drain_workqueue(struct workqueue_struct *wq)
{
	(void)wq;
	might_sleep();
	while (smp_load_acquire(&__rt_worklist.next) != &__rt_worklist)
		cpu_relax();
	(void)smp_cond_load_acquire(&__rt_running_work, VAL == NULL);
}

#define flush_workqueue(wq) drain_workqueue(wq)
#define flush_scheduled_work() drain_workqueue(system_wq)
#define destroy_workqueue(wq) drain_workqueue(wq)

#define cancel_delayed_work(dwork) cancel_work(&(dwork)->work)
#define cancel_delayed_work_sync(dwork) cancel_work_sync(&(dwork)->work)
#define flush_delayed_work(dwork) flush_work(&(dwork)->work)
