// SPDX-License-Identifier: GPL-2.0-or-later
// Sleeping: schedule(), with a time limit and without, and the clock that limits go by.
#pragma once

// A full barrier on the way out of the CPU and one on the way back (memory-barriers.txt: "schedule() and similar").
static inline void schedule(void)
{
	might_sleep();
	smp_mb();
	(void)__rt_sleep(eq, &current->__state, TASK_RUNNING);
	smp_mb();
}

#define io_schedule() schedule()
#define yield() barrier()
#define msleep(ms) might_sleep() /* as long as the others need, or not at all */
#define usleep_range(from, to) might_sleep()
#define ssleep(s) might_sleep()
#define udelay(us) barrier()
#define mdelay(ms) barrier()
#define ndelay(ns) barrier()

// A sleep with a time limit ends, woken or not: whoever sleeps does nothing else, so that one look at some time is enough.
static inline long schedule_timeout(long timeout)
{
	if (timeout == MAX_SCHEDULE_TIMEOUT) {
		schedule();
		return timeout;
	}
	might_sleep();
	smp_mb();
	if (READ_ONCE(current->__state) == TASK_RUNNING) {
		smp_mb();
		return timeout;
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

// These set the state themselves: nobody wakes such a sleeper, its time is up. Loops that poll so are loops that wait.
#define schedule_timeout_interruptible(timeout) ({ might_sleep(); 0L; })
#define schedule_timeout_uninterruptible(timeout) ({ might_sleep(); 0L; })
#define schedule_timeout_killable(timeout) ({ might_sleep(); 0L; })
#define schedule_timeout_idle(timeout) ({ might_sleep(); 0L; })
#define msleep_interruptible(ms) ({ might_sleep(); 0UL; })
#define io_schedule_timeout(timeout) schedule_timeout(timeout)
#define HRTIMER_MODE_ABS 0
#define HRTIMER_MODE_REL 1
#define schedule_hrtimeout_range(expires, delta, mode) \
	({ \
		int __slept = -EINTR; \
		if (!(expires)) \
			schedule(); \
		else if (!schedule_timeout(1)) \
			__slept = 0; \
		__slept; \
	})
#define schedule_hrtimeout(expires, mode) schedule_hrtimeout_range(expires, 0, mode)

// The clock stands still until the spec lets time pass, in an interrupt or a thread: time_passes(HZ). One at a time may.
unsigned long __rt_jiffies;
#define jiffies READ_ONCE(__rt_jiffies)
#define get_jiffies_64() ((u64)jiffies)
#define time_passes(ticks) WRITE_ONCE(__rt_jiffies, __rt_jiffies + (ticks))
#define time_after(a, b) ((long)((b) - (a)) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) ((long)((a) - (b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)
#define time_in_range(a, b, c) (time_after_eq(a, b) && time_before_eq(a, c))
#define time_is_before_jiffies(a) time_after(jiffies, a)
#define time_is_after_jiffies(a) time_before(jiffies, a)
#define time_is_before_eq_jiffies(a) time_after_eq(jiffies, a)
#define time_is_after_eq_jiffies(a) time_before_eq(jiffies, a)
#define msecs_to_jiffies(ms) (ms)
#define usecs_to_jiffies(us) (us)
#define secs_to_jiffies(s) ((s) * HZ)
#define jiffies_to_msecs(j) (j)

static inline int wake_up_state(struct task_struct *p, int mode)
{
	int state;

	smp_mb();
	state = READ_ONCE(p->__state);
	if (!(state & mode))
		return 0;
	return cmpxchg_relaxed(&p->__state, state, TASK_RUNNING) == state;
}

static inline int wake_up_process(struct task_struct *p)
{
	return wake_up_state(p, TASK_NORMAL);
}
