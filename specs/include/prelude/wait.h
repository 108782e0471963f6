// SPDX-License-Identifier: GPL-2.0-or-later
// Wait queues, step by step as kernel/sched/wait.c has them: a list under a lock, an entry a sleeper, a function an entry
// that wakes it. waitqueue_active() is one read of the list without the lock: whoever asks must order it behind the
// condition (smp_mb()), or a wakeup is lost.
#pragma once

#define WQ_FLAG_EXCLUSIVE 0x01
#define WQ_FLAG_WOKEN 0x02

struct wait_queue_entry;
typedef int (*wait_queue_func_t)(struct wait_queue_entry *wait, unsigned int mode, int flags, void *key);

struct wait_queue_entry {
	unsigned int flags;
	struct task_struct *private;
	wait_queue_func_t func;
	union {
		struct list_head entry;
		struct list_head task_list; /* its name before v4.13 */
	};
};
typedef struct wait_queue_entry wait_queue_entry_t;
typedef struct wait_queue_entry wait_queue_t;

struct wait_queue_head {
	spinlock_t lock;
	union {
		struct list_head head;
		struct list_head task_list;
	};
};
typedef struct wait_queue_head wait_queue_head_t;

#define __WAIT_QUEUE_HEAD_INITIALIZER(name) { .lock = { 0 }, .head = LIST_HEAD_INIT((name).head) }
#define DECLARE_WAIT_QUEUE_HEAD(name) wait_queue_head_t name = __WAIT_QUEUE_HEAD_INITIALIZER(name)

static inline void init_waitqueue_head(wait_queue_head_t *wq)
{
	spin_lock_init(&wq->lock);
	INIT_LIST_HEAD(&wq->head);
}

static inline int default_wake_function(wait_queue_entry_t *wait, unsigned int mode, int flags, void *key)
{
	(void)flags;
	(void)key;
	return wake_up_state(wait->private, (int)mode);
}

static inline int autoremove_wake_function(wait_queue_entry_t *wait, unsigned int mode, int flags, void *key)
{
	int ret = default_wake_function(wait, mode, flags, key);

	if (ret)
		list_del_init_careful(&wait->entry);
	return ret;
}

#define __WAITQUEUE_INITIALIZER(name, tsk) { .private = (tsk), .func = default_wake_function }
#define DECLARE_WAITQUEUE(name, tsk) wait_queue_entry_t name = __WAITQUEUE_INITIALIZER(name, tsk)
#define DEFINE_WAIT_FUNC(name, function) \
	wait_queue_entry_t name = { \
		.private = current, \
		.func = (function), \
		.entry = LIST_HEAD_INIT((name).entry), \
	}
#define DEFINE_WAIT(name) DEFINE_WAIT_FUNC(name, autoremove_wake_function)

static inline void init_waitqueue_entry(wait_queue_entry_t *wait, struct task_struct *p)
{
	wait->flags = 0;
	wait->private = p;
	wait->func = default_wake_function;
}

static inline void init_wait(wait_queue_entry_t *wait)
{
	wait->flags = 0;
	wait->private = current;
	wait->func = autoremove_wake_function;
	INIT_LIST_HEAD(&wait->entry);
}

static inline void init_waitqueue_func_entry(wait_queue_entry_t *wait, wait_queue_func_t func)
{
	wait->flags = 0;
	wait->private = NULL;
	wait->func = func;
}

static inline void __add_wait_queue(wait_queue_head_t *wq, wait_queue_entry_t *wait)
{
	list_add(&wait->entry, &wq->head);
}

static inline void __add_wait_queue_entry_tail(wait_queue_head_t *wq, wait_queue_entry_t *wait)
{
	list_add_tail(&wait->entry, &wq->head);
}

static inline void __add_wait_queue_exclusive(wait_queue_head_t *wq, wait_queue_entry_t *wait)
{
	wait->flags |= WQ_FLAG_EXCLUSIVE;
	__add_wait_queue(wq, wait);
}

static inline void __add_wait_queue_entry_tail_exclusive(wait_queue_head_t *wq, wait_queue_entry_t *wait)
{
	wait->flags |= WQ_FLAG_EXCLUSIVE;
	__add_wait_queue_entry_tail(wq, wait);
}

static inline void __remove_wait_queue(wait_queue_head_t *wq, wait_queue_entry_t *wait)
{
	(void)wq;
	list_del(&wait->entry);
}

static inline void add_wait_queue(wait_queue_head_t *wq, wait_queue_entry_t *wait)
{
	unsigned long flags;

	wait->flags &= ~(unsigned int)WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	__add_wait_queue(wq, wait);
	spin_unlock_irqrestore(&wq->lock, flags);
}

static inline void add_wait_queue_exclusive(wait_queue_head_t *wq, wait_queue_entry_t *wait)
{
	unsigned long flags;

	wait->flags |= WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	__add_wait_queue_entry_tail(wq, wait);
	spin_unlock_irqrestore(&wq->lock, flags);
}

static inline void remove_wait_queue(wait_queue_head_t *wq, wait_queue_entry_t *wait)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	__remove_wait_queue(wq, wait);
	spin_unlock_irqrestore(&wq->lock, flags);
}

// Who goes round again is on the queue still: the kernel stores the same flags once more, without the lock, and no harm
// comes of it; here that is no store.
static inline void prepare_to_wait(wait_queue_head_t *wq, wait_queue_entry_t *wait, int state)
{
	unsigned long flags;

	if (wait->flags & WQ_FLAG_EXCLUSIVE)
		wait->flags &= ~(unsigned int)WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	if (list_empty(&wait->entry))
		__add_wait_queue(wq, wait);
	set_current_state(state);
	spin_unlock_irqrestore(&wq->lock, flags);
}

static inline void prepare_to_wait_exclusive(wait_queue_head_t *wq, wait_queue_entry_t *wait, int state)
{
	unsigned long flags;

	if (!(wait->flags & WQ_FLAG_EXCLUSIVE))
		wait->flags |= WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	if (list_empty(&wait->entry))
		__add_wait_queue_entry_tail(wq, wait);
	set_current_state(state);
	spin_unlock_irqrestore(&wq->lock, flags);
}

static inline void finish_wait(wait_queue_head_t *wq, wait_queue_entry_t *wait)
{
	unsigned long flags;

	__set_current_state(TASK_RUNNING);
	if (!list_empty_careful(&wait->entry)) {
		spin_lock_irqsave(&wq->lock, flags);
		list_del_init(&wait->entry);
		spin_unlock_irqrestore(&wq->lock, flags);
	}
}

static inline void __wake_up_common(wait_queue_head_t *wq, unsigned int mode, int nr_exclusive, void *key)
{
	wait_queue_entry_t *curr, *next;

	list_for_each_entry_safe(curr, next, &wq->head, entry) {
		unsigned int flags = curr->flags;

		if (curr->func(curr, mode, 0, key) && (flags & WQ_FLAG_EXCLUSIVE) && !--nr_exclusive)
			break;
	}
}

static inline void __wake_up(wait_queue_head_t *wq, unsigned int mode, int nr_exclusive, void *key)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	__wake_up_common(wq, mode, nr_exclusive, key);
	spin_unlock_irqrestore(&wq->lock, flags);
}

#define wake_up(wq) __wake_up(wq, TASK_NORMAL, 1, NULL)
#define wake_up_nr(wq, nr) __wake_up(wq, TASK_NORMAL, nr, NULL)
#define wake_up_all(wq) __wake_up(wq, TASK_NORMAL, 0, NULL)
#define wake_up_interruptible(wq) __wake_up(wq, TASK_INTERRUPTIBLE, 1, NULL)
#define wake_up_interruptible_all(wq) __wake_up(wq, TASK_INTERRUPTIBLE, 0, NULL)
#define wake_up_locked(wq) __wake_up_common(wq, TASK_NORMAL, 1, NULL)
#define wake_up_all_locked(wq) __wake_up_common(wq, TASK_NORMAL, 0, NULL)
#define wake_up_interruptible_nr(wq, nr) __wake_up(wq, TASK_INTERRUPTIBLE, nr, NULL)
#define wake_up_sync(wq) wake_up(wq)
#define wake_up_interruptible_sync(wq) wake_up_interruptible(wq)
#define poll_to_key(m) ((void *)(unsigned long)(m))
#define key_to_poll(key) ((unsigned int)(unsigned long)(key))
#define wake_up_poll(wq, m) __wake_up(wq, TASK_NORMAL, 1, poll_to_key(m))
#define wake_up_interruptible_poll(wq, m) __wake_up(wq, TASK_INTERRUPTIBLE, 1, poll_to_key(m))
#define wake_up_interruptible_sync_poll(wq, m) wake_up_interruptible_poll(wq, m)
#define wake_up_locked_poll(wq, m) __wake_up_common(wq, TASK_NORMAL, 1, poll_to_key(m))
#define __wake_up_locked_key(wq, mode, key) __wake_up_common(wq, mode, 1, key)

typedef unsigned int __poll_t;
#ifndef POLLIN
#define POLLIN 0x1
#define POLLPRI 0x2
#define POLLOUT 0x4
#define POLLERR 0x8
#define POLLHUP 0x10
#endif
#define EPOLLIN 0x1
#define EPOLLPRI 0x2
#define EPOLLOUT 0x4
#define EPOLLERR 0x8
#define EPOLLHUP 0x10
#define EPOLLRDNORM 0x40
#define EPOLLWRNORM 0x100
#define EPOLLRDHUP 0x2000
#define POLLFREE 0x4000
// Tells who polls that the queue is about to be freed.
#define wake_up_pollfree(wq) __wake_up(wq, TASK_NORMAL, 0, poll_to_key(EPOLLHUP | POLLFREE))

static inline int waitqueue_active(wait_queue_head_t *wq)
{
	return !list_empty(&wq->head);
}

static inline bool wq_has_sleeper(wait_queue_head_t *wq)
{
	smp_mb();
	return waitqueue_active(wq);
}

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
