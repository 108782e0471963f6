// SPDX-License-Identifier: GPL-2.0-or-later
// RCU on top of the primitives: rcu_read_lock(), rcu_read_unlock(), synchronize_rcu(), rcu_dereference(),
// rcu_assign_pointer() and call_rcu() are built in.
//
// rcu_barrier() waits for the callbacks of every call_rcu() before it, each of which has to tell that it has run: steps that
// only a spec with #define RCU_BARRIER before <ringtail.h> pays for. As in the kernel, kfree_rcu() is not waited for.
#pragma once

#define rcu_dereference_check(p, c) rcu_dereference(p)
#define rcu_dereference_raw(p) rcu_dereference(p)
#define rcu_dereference_protected(p, c) (p)
#define rcu_access_pointer(p) READ_ONCE(p)
#define lockless_dereference(p) rcu_dereference(p)
#define RCU_INIT_POINTER(p, v) WRITE_ONCE(p, v)
#define RCU_INITIALIZER(v) (v)
#define rcu_pointer_handoff(p) (p)
#define unrcu_pointer(p) (p)
#define rcu_replace_pointer(rcu_ptr, ptr, c) \
	({ \
		__typeof__(ptr) __old = rcu_dereference_protected((rcu_ptr), (c)); \
		rcu_assign_pointer((rcu_ptr), (ptr)); \
		__old; \
	})
#define rcu_read_lock_held() 1
#define srcu_read_lock_held(ss) 1
#define rcu_read_lock_any_held() 1
#define RCU_LOCKDEP_WARN(c, s) do { } while (0)
#define rcu_swap_protected(rcu_ptr, ptr, c) \
	do { \
		__typeof__(ptr) __old = rcu_dereference_protected((rcu_ptr), (c)); \
		rcu_assign_pointer((rcu_ptr), (ptr)); \
		(ptr) = __old; \
	} while (0)
#define srcu_dereference_check(p, ss, c) rcu_dereference(p)
#define cleanup_srcu_struct(ss) do { } while (0)
#define srcu_dereference(p, ss) rcu_dereference(p)
#define rcu_dereference_bh(p) rcu_dereference(p)
#define rcu_dereference_sched(p) rcu_dereference(p)
#define rcu_read_lock_bh() do { local_bh_disable(); rcu_read_lock(); } while (0)
#define rcu_read_unlock_bh() do { rcu_read_unlock(); local_bh_enable(); } while (0)
#define rcu_read_lock_sched() do { preempt_disable(); rcu_read_lock(); } while (0)
#define rcu_read_unlock_sched() do { rcu_read_unlock(); preempt_enable(); } while (0)
#define call_rcu_bh(head, func) call_rcu(head, func)
#define call_rcu_hurry(head, func) call_rcu(head, func)
#define synchronize_rcu_bh() synchronize_rcu()
#define call_rcu_sched(head, func) call_rcu(head, func)
#define synchronize_sched() synchronize_rcu()
#define synchronize_net() synchronize_rcu()
#define init_rcu_head(head) do { } while (0)
#define rcu_head_init(head) do { } while (0)

static inline void __rt_kfree_callback(void *p)
{
	kfree(p);
}

#define kfree_rcu(ptr, member) call_rcu((void *)(ptr), __rt_kfree_callback)
#define kvfree_rcu(ptr, member) kfree_rcu(ptr, member)
#define kfree_rcu_mightsleep(ptr) do { synchronize_rcu(); kfree(ptr); } while (0)

// A grace period that is asked for now, and asked about later: its number is the callback that tells that it is over. That a
// number is also good for a grace period which somebody else has asked for is no difference: it begins no earlier.
struct __rt_grace_period {
	struct rcu_head rcu;
	int over;
};

static inline void __rt_grace_period_over(struct rcu_head *rcu)
{
	smp_store_release(&container_of(rcu, struct __rt_grace_period, rcu)->over, 1);
}

static inline unsigned long get_state_synchronize_rcu(void)
{
	struct __rt_grace_period *period = __rt_alloc(sizeof(*period), 1);

	smp_mb();
	call_rcu(&period->rcu, __rt_grace_period_over);
	return (unsigned long)period;
}

static inline bool poll_state_synchronize_rcu(unsigned long state)
{
	if (!smp_load_acquire(&((struct __rt_grace_period *)state)->over))
		return false;
	smp_mb();
	return true;
}

static inline void cond_synchronize_rcu(unsigned long state)
{
	might_sleep();
	if (!poll_state_synchronize_rcu(state))
		synchronize_rcu();
}

#define start_poll_synchronize_rcu() get_state_synchronize_rcu()

#ifndef __RINGTAIL__
#define rcu_barrier() synchronize_rcu()
#elif !defined(RCU_BARRIER)
#define rcu_barrier() __define_RCU_BARRIER_before_including_ringtail_h()
#else
#define __RT_MAX_CALLBACKS 8
static atomic_t __rt_rcu_called;
static int __rt_rcu_done[__RT_MAX_CALLBACKS];

static inline void __rt_rcu_callback(struct rcu_head *head)
{
	long n = (long)head->next;

	head->func(head);
	smp_store_release(&__rt_rcu_done[n], 1);
}

static inline void __rt_call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	head->func = func;
	head->next = (struct rcu_head *)(long)atomic_fetch_inc_relaxed(&__rt_rcu_called);
	call_rcu(head, __rt_rcu_callback);
}

#define call_rcu(head, func) __rt_call_rcu(head, func)

static inline void rcu_barrier(void)
{
	int n;

	might_sleep();
	smp_mb();
	for (n = atomic_read(&__rt_rcu_called); n > 0; n--)
		(void)smp_cond_load_acquire(&__rt_rcu_done[n - 1], VAL);
}
#endif
