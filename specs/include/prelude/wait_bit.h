// SPDX-License-Identifier: GPL-2.0-or-later
// Bits and words that are waited for: all of them hash to one queue. And wake_q: tasks to be woken once the locks are let go,
// here at most __RT_WAKE_Q of them. As in the kernel a task is in one wake_q at a time (kernel/sched/core.c __wake_q_add()):
// whoever finds it in another's relies on that other's wakeup, which may come at once.
#pragma once

static inline wait_queue_head_t *__rt_bit_waiters(void)
{
	static wait_queue_head_t waiters = __WAIT_QUEUE_HEAD_INITIALIZER(waiters);

	return &waiters;
}

#define __var_waitqueue(var) __rt_bit_waiters()
#define wait_var_event(var, condition) wait_event(*__rt_bit_waiters(), condition)
#define wake_up_var(var) \
	do { \
		if (waitqueue_active(__rt_bit_waiters())) \
			wake_up_all(__rt_bit_waiters()); \
	} while (0)
#define wake_up_bit(word, bit) wake_up_var(word)
#define clear_and_wake_up_bit(bit, word) \
	do { \
		clear_bit_unlock(bit, word); \
		smp_mb__after_atomic(); \
		wake_up_bit(word, bit); \
	} while (0)
#define wait_on_bit(word, bit, mode) ({ wait_event(*__rt_bit_waiters(), !test_bit_acquire(bit, word)); 0; })
#define wait_on_bit_io(word, bit, mode) wait_on_bit(word, bit, mode)
#define wait_on_bit_lock(word, bit, mode) \
	({ wait_event(*__rt_bit_waiters(), !test_and_set_bit(bit, word)); 0; })
#define wait_on_bit_timeout(word, bit, mode, timeout) \
	(wait_event_timeout(*__rt_bit_waiters(), !test_bit_acquire(bit, word), timeout) ? 0 : -EAGAIN)
#define wait_var_event_timeout(var, condition, timeout) wait_event_timeout(*__rt_bit_waiters(), condition, timeout)
#define wait_var_event_killable(var, condition) wait_event_killable(*__rt_bit_waiters(), condition)
#define store_release_wake_up(var, value) \
	do { \
		smp_store_release(var, value); \
		smp_mb(); \
		wake_up_var(var); \
	} while (0)

#define __RT_WAKE_Q 4
struct wake_q_head {
	int nr;
	struct task_struct *task[__RT_WAKE_Q];
};
#define DEFINE_WAKE_Q(name) struct wake_q_head name = { 0 }

static inline void wake_q_init(struct wake_q_head *head)
{
	head->nr = 0;
}

bool __rt_in_wake_q[NR_CPUS];

static inline void wake_q_add(struct wake_q_head *head, struct task_struct *task)
{
	smp_mb(); /* what was stored is seen by who is woken, by whomever */
	if (cmpxchg_relaxed(&__rt_in_wake_q[task - __rt_tasks], false, true))
		return;
	head->task[head->nr++] = task;
}

#define wake_q_add_safe(head, task) wake_q_add(head, task)

static inline void wake_up_q(struct wake_q_head *head)
{
	int i;

	for (i = 0; i < head->nr; i++) {
		WRITE_ONCE(__rt_in_wake_q[head->task[i] - __rt_tasks], false);
		wake_up_process(head->task[i]); /* its full barrier comes after the store */
	}
}
