// SPDX-License-Identifier: GPL-2.0-or-later
// Completions: a count under a wait queue's lock. The queue itself is left out: the waiter sleeps until the count lets it
// go. complete() does not touch the completion after it has let somebody go, as in the kernel.
#pragma once

struct completion { int done; };
#define COMPLETION_INITIALIZER(name) { 0 }
#define COMPLETION_INITIALIZER_ONSTACK(name) { 0 }
#define DECLARE_COMPLETION(name) struct completion name = COMPLETION_INITIALIZER(name)
#define DECLARE_COMPLETION_ONSTACK(name) DECLARE_COMPLETION(name)
#define __RT_DONE_FOR_ALL (1 << 20)

static inline void init_completion(struct completion *x)
{
	WRITE_ONCE(x->done, 0);
}

static inline void reinit_completion(struct completion *x)
{
	WRITE_ONCE(x->done, 0);
}

static inline void complete(struct completion *x)
{
	(void)atomic_fetch_add_release(1, (atomic_t *)&x->done);
}

static inline void complete_all(struct completion *x)
{
	smp_store_release(&x->done, __RT_DONE_FOR_ALL);
}

static inline void wait_for_completion(struct completion *x)
{
	might_sleep();
	(void)__rt_sleep_add(gt, &x->done, -1, 0);
}

static inline bool try_wait_for_completion(struct completion *x)
{
	int done = READ_ONCE(x->done);

	while (done > 0)
		if (try_cmpxchg_acquire(&x->done, &done, done - 1))
			return true;
	return false;
}

static inline bool completion_done(struct completion *x)
{
	return smp_load_acquire(&x->done) > 0;
}

// Whoever waits does nothing else, so that one look at some time is enough: when the time is up, or before.
static inline unsigned long wait_for_completion_timeout(struct completion *x, unsigned long timeout)
{
	might_sleep();
	return try_wait_for_completion(x) ? timeout : 0;
}

#define wait_for_completion_interruptible_timeout(x, timeout) ((long)wait_for_completion_timeout(x, timeout))
#define wait_for_completion_killable_timeout(x, timeout) ((long)wait_for_completion_timeout(x, timeout))
#define wait_for_completion_io(x) wait_for_completion(x)
#define wait_for_completion_io_timeout(x, timeout) wait_for_completion_timeout(x, timeout)

#define wait_for_completion_interruptible(x) ({ wait_for_completion(x); 0; })
#define wait_for_completion_killable(x) ({ wait_for_completion(x); 0; })
