// SPDX-License-Identifier: GPL-2.0-or-later
// Kernel threads that are stopped, for specs that include <kthread.h>. A kernel thread is a THREAD that says who it is first
// and that it is done last:
//
//	THREAD(flusher) { kthread_begin(0); ...; kthread_end(); }
//
// and kthread_stop(kthread(0)) asks it to stop, wakes it and waits for its end; kthread_park(kthread(0)) has it wait in its
// kthread_parkme() until kthread_unpark(kthread(0)).
// After kernel/kthread.c v6.6: kthread_should_stop(), kthread_stop(), kthread_parkme(), kthread_park(), kthread_unpark().
#pragma once
#include <ringtail.h>

#define KTHREAD_SHOULD_STOP 0
#define KTHREAD_SHOULD_PARK 1
#define __RT_NR_KTHREADS 2

static struct __rt_kthread {
	unsigned long flags;
	struct completion started, parked, exited;
	struct task_struct *task;
} __rt_kthreads[__RT_NR_KTHREADS];

#define kthread(n) (&__rt_kthreads[n])

static inline void kthread_begin(int n)
{
	__rt_kthreads[n].task = current;
	complete_all(&__rt_kthreads[n].started);
}

static inline struct __rt_kthread *__rt_kthread_self(void)
{
	int n = 0;

	while (__rt_kthreads[n].task != current)
		n++;
	return &__rt_kthreads[n];
}

#define kthread_end() complete_all(&__rt_kthread_self()->exited)
#define kthread_should_stop() test_bit(KTHREAD_SHOULD_STOP, &__rt_kthread_self()->flags)

#define kthread_should_park() test_bit(KTHREAD_SHOULD_PARK, &__rt_kthread_self()->flags)

static inline void kthread_parkme(void)
{
	struct __rt_kthread *self = __rt_kthread_self();

	for (;;) {
		set_special_state(TASK_PARKED);
		if (!test_bit(KTHREAD_SHOULD_PARK, &self->flags))
			break;
		complete(&self->parked);
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

static inline int kthread_park(struct __rt_kthread *k)
{
	wait_for_completion(&k->started);
	if (test_bit(KTHREAD_SHOULD_PARK, &k->flags))
		return -EBUSY;
	set_bit(KTHREAD_SHOULD_PARK, &k->flags);
	wake_up_process(k->task);
	wait_for_completion(&k->parked);
	return 0;
}

static inline void kthread_unpark(struct __rt_kthread *k)
{
	if (!test_bit(KTHREAD_SHOULD_PARK, &k->flags))
		return;
	clear_bit(KTHREAD_SHOULD_PARK, &k->flags);
	wake_up_state(k->task, TASK_PARKED);
}

static inline int kthread_stop(struct __rt_kthread *k)
{
	wait_for_completion(&k->started);
	set_bit(KTHREAD_SHOULD_STOP, &k->flags);
	kthread_unpark(k);
	wake_up_process(k->task);
	wait_for_completion(&k->exited);
	return 0;
}
