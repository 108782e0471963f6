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
