// SPDX-License-Identifier: GPL-2.0-or-later
// Sleeping until a condition holds: wait_event() and its kind, and simple wait queues, which are wait queues here.
#pragma once

#define __rt_wait_prepared(prepare, wq, condition, state, step) \
	do { \
		DEFINE_WAIT(__wait); \
		for (;;) { \
			prepare(&(wq), &__wait, state); \
			if (condition) \
				break; \
			step; \
		} \
		finish_wait(&(wq), &__wait); \
	} while (0)
#define __rt_wait_event(wq, condition, state, step) \
	__rt_wait_prepared(prepare_to_wait, wq, condition, state, step)

#define wait_event(wq, condition) \
	do { \
		if (!(condition)) \
			__rt_wait_event(wq, condition, TASK_UNINTERRUPTIBLE, schedule()); \
	} while (0)

#define __rt_wait_interruptible(prepare, wq, condition) \
	({ \
		int __ret = 0; \
		if (!(condition)) \
			__rt_wait_prepared(prepare, wq, condition, TASK_INTERRUPTIBLE, \
				if (signal_pending(current)) { __ret = -ERESTARTSYS; break; } schedule()); \
		__ret; \
	})
#define wait_event_interruptible(wq, condition) __rt_wait_interruptible(prepare_to_wait, wq, condition)
// One of these is woken at a time, in their order; who is woken and leaves something for the next has to wake it.
#define wait_event_interruptible_exclusive(wq, condition) \
	__rt_wait_interruptible(prepare_to_wait_exclusive, wq, condition)
#define wait_event_killable_exclusive(wq, condition) wait_event_interruptible_exclusive(wq, condition)
#define wait_event_exclusive_cmd(wq, condition, before, after) \
	do { \
		if (!(condition)) \
			__rt_wait_prepared(prepare_to_wait_exclusive, wq, condition, TASK_UNINTERRUPTIBLE, \
				before; schedule(); after); \
	} while (0)
#define wait_event_freezable(wq, condition) wait_event_interruptible(wq, condition)
#define wait_event_idle(wq, condition) wait_event(wq, condition)
#define io_wait_event(wq, condition) wait_event(wq, condition)
#define wait_event_cmd(wq, condition, before, after) \
	do { \
		if (!(condition)) \
			__rt_wait_event(wq, condition, TASK_UNINTERRUPTIBLE, before; schedule(); after); \
	} while (0)
#define wait_event_killable(wq, condition) wait_event_interruptible(wq, condition)

// 0 says that the time is up and the condition does not hold: who finds it true at the end has 1 left.
#define __rt_or_too_late(condition) ({ bool __cond = (condition); if (__cond && !__left) __left = 1; __cond || !__left; })
#define wait_event_timeout(wq, condition, timeout) \
	({ \
		long __left = (timeout); \
		if (!__rt_or_too_late(condition)) \
			__rt_wait_event(wq, __rt_or_too_late(condition), TASK_UNINTERRUPTIBLE, \
				__left = schedule_timeout(__left)); \
		__left; \
	})

#define wait_event_interruptible_timeout(wq, condition, timeout) \
	({ \
		long __left = (timeout); \
		if (!__rt_or_too_late(condition)) \
			__rt_wait_event(wq, __rt_or_too_late(condition), TASK_INTERRUPTIBLE, \
				if (signal_pending(current)) { __left = -ERESTARTSYS; break; } \
				__left = schedule_timeout(__left)); \
		__left; \
	})

#define wait_event_killable_timeout(wq, condition, timeout) \
	wait_event_interruptible_timeout(wq, condition, timeout)

// With a lock held, which the sleeper lets go.
#define wait_event_lock_irq(wq, condition, lock) \
	do { \
		if (!(condition)) \
			__rt_wait_event(wq, condition, TASK_UNINTERRUPTIBLE, \
				spin_unlock_irq(&(lock)); schedule(); spin_lock_irq(&(lock))); \
	} while (0)
#define wait_event_interruptible_lock_irq(wq, condition, lock) \
	({ \
		int __ret = 0; \
		if (!(condition)) \
			__rt_wait_event(wq, condition, TASK_INTERRUPTIBLE, \
				if (signal_pending(current)) { __ret = -ERESTARTSYS; break; } \
				spin_unlock_irq(&(lock)); schedule(); spin_lock_irq(&(lock))); \
		__ret; \
	})

// The condition is looked at under the queue's own lock.
static inline int do_wait_intr_irq(wait_queue_head_t *wq, wait_queue_entry_t *wait)
{
	if (list_empty(&wait->entry))
		__add_wait_queue_entry_tail(wq, wait);
	set_current_state(TASK_INTERRUPTIBLE);
	if (signal_pending(current))
		return -ERESTARTSYS;
	spin_unlock_irq(&wq->lock);
	schedule();
	spin_lock_irq(&wq->lock);
	return 0;
}
#define wait_event_interruptible_locked_irq(wq, condition) \
	({ \
		int __ret = 0; \
		if (!(condition)) { \
			DEFINE_WAIT(__wait); \
			do { \
				__ret = do_wait_intr_irq(&(wq), &__wait); \
			} while (!__ret && !(condition)); \
			list_del(&__wait.entry); \
			__set_current_state(TASK_RUNNING); \
		} \
		__ret; \
	})

// The wakeup is remembered in the entry, so that the condition may be looked at in any state.
static inline int woken_wake_function(wait_queue_entry_t *wait, unsigned int mode, int flags, void *key)
{
	smp_mb();
	WRITE_ONCE(wait->flags, READ_ONCE(wait->flags) | WQ_FLAG_WOKEN);
	return default_wake_function(wait, mode, flags, key);
}

static inline long wait_woken(wait_queue_entry_t *wait, int mode, long timeout)
{
	set_current_state(mode);
	if (!(READ_ONCE(wait->flags) & WQ_FLAG_WOKEN))
		timeout = schedule_timeout(timeout);
	__set_current_state(TASK_RUNNING);
	smp_store_mb(wait->flags, READ_ONCE(wait->flags) & ~(unsigned int)WQ_FLAG_WOKEN);
	return timeout;
}

// Simple wait queues: whoever is woken leaves the queue, and one is woken at a time, or all.
#define swait_queue_head wait_queue_head
#define DECLARE_SWAIT_QUEUE_HEAD(name) DECLARE_WAIT_QUEUE_HEAD(name)
#define init_swait_queue_head(q) init_waitqueue_head(q)
#define swait_active(q) waitqueue_active(q)
#define swq_has_sleeper(q) wq_has_sleeper(q)
#define swake_up_one(q) wake_up(q)
#define swake_up_all(q) wake_up_all(q)
#define swait_event_exclusive(q, condition) wait_event(q, condition)
#define swait_event_idle_exclusive(q, condition) wait_event(q, condition)
#define swait_event_interruptible_exclusive(q, condition) wait_event_interruptible(q, condition)
