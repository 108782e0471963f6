// SPDX-License-Identifier: GPL-2.0-or-later
// RCU on top of the primitives: rcu_read_lock(), rcu_read_unlock(), synchronize_rcu(), rcu_dereference(),
// rcu_assign_pointer() and call_rcu() are built in.
#pragma once

#define rcu_dereference_check(p, c) rcu_dereference(p)
#define rcu_dereference_raw(p) rcu_dereference(p)
#define rcu_dereference_protected(p, c) (p)
#define rcu_access_pointer(p) READ_ONCE(p)
#define RCU_INIT_POINTER(p, v) WRITE_ONCE(p, v)
#define RCU_INITIALIZER(v) (v)
#define rcu_swap_protected(rcu_ptr, ptr, c) \
	do { \
		__typeof__(ptr) __old = rcu_dereference_protected((rcu_ptr), (c)); \
		rcu_assign_pointer((rcu_ptr), (ptr)); \
		(ptr) = __old; \
	} while (0)
#define srcu_dereference(p, ss) rcu_dereference(p)
#define rcu_dereference_bh(p) rcu_dereference(p)
#define rcu_dereference_sched(p) rcu_dereference(p)
#define rcu_read_lock_bh() do { local_bh_disable(); rcu_read_lock(); } while (0)
#define rcu_read_unlock_bh() do { rcu_read_unlock(); local_bh_enable(); } while (0)
#define rcu_read_lock_sched() do { preempt_disable(); rcu_read_lock(); } while (0)
#define rcu_read_unlock_sched() do { rcu_read_unlock(); preempt_enable(); } while (0)
#define call_rcu_sched(head, func) call_rcu(head, func)
#define synchronize_sched() synchronize_rcu()
#define synchronize_net() synchronize_rcu()
#define init_rcu_head(head) do { } while (0)

static inline void __rt_kfree_callback(void *p)
{
	kfree(p);
}

#define kfree_rcu(ptr, member) call_rcu((void *)(ptr), __rt_kfree_callback)
