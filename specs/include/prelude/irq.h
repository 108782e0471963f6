// SPDX-License-Identifier: GPL-2.0-or-later
// Interrupts and preemption, and the spin locks' variants over them. local_irq_disable() holds off the interrupts of the
// thread that calls it (IRQ_ON); an IRQ() has a CPU of its own and is held off by nothing.
#pragma once

#define local_irq_save(flags) do { (flags) = __rt_irq_save(); } while (0)
#define local_irq_restore(flags) __rt_irq_restore(flags)
#define local_irq_disable() ((void)__rt_irq_save())
#define local_irq_enable() __rt_irq_restore(1)
#define preempt_disable() __rt_preempt(0)
#define preempt_enable() __rt_preempt(1)
#define local_bh_disable() __rt_preempt(0)
#define local_bh_enable() __rt_preempt(1)
#define might_sleep() __rt_might_sleep()
#define cpu_relax() barrier()
#define mb() smp_mb()
#define rmb() smp_rmb()
#define wmb() smp_wmb()
#define set_mb(x, v) smp_store_mb(x, v)
#define dma_mb() smp_mb()
#define dma_rmb() smp_rmb()
#define dma_wmb() smp_wmb()
#define virt_mb() smp_mb()
#define virt_rmb() smp_rmb()
#define virt_wmb() smp_wmb()
#define virt_store_mb(x, v) smp_store_mb(x, v)
#define smp_mb__before_spinlock() smp_wmb()
#define cmpxchg64(p, old, new) cmpxchg(p, old, new)
#define try_cmpxchg64(p, old, new) try_cmpxchg(p, old, new)
#define cmpxchg_local(p, old, new) cmpxchg_relaxed(p, old, new)
#define read_barrier_depends() do { } while (0)
#define smp_read_barrier_depends() do { } while (0)
#define smp_mb__before_atomic_inc() smp_mb__before_atomic()
#define smp_mb__after_atomic_inc() smp_mb__after_atomic()
#define smp_mb__before_atomic_dec() smp_mb__before_atomic()
#define smp_mb__after_atomic_dec() smp_mb__after_atomic()
#define __rt_cond_load(load, ptr, condition) \
	({ \
		__typeof__(ptr) __ptr = (ptr); \
		__typeof__(*__ptr) VAL; \
		for (;;) { \
			VAL = load(__ptr); \
			if (condition) \
				break; \
			cpu_relax(); \
		} \
		VAL; \
	})
#define __rt_load_once(ptr) READ_ONCE(*(ptr))
#define smp_cond_load_relaxed(ptr, condition) __rt_cond_load(__rt_load_once, ptr, condition)
#define smp_cond_load_acquire(ptr, condition) __rt_cond_load(smp_load_acquire, ptr, condition)
#define atomic_cond_read_relaxed(v, condition) smp_cond_load_relaxed(&(v)->counter, condition)
#define atomic_cond_read_acquire(v, condition) smp_cond_load_acquire(&(v)->counter, condition)
#define spin_until_cond(condition) do { while (!(condition)) cpu_relax(); } while (0)
#define cond_resched() __rt_might_sleep()

#define __SPIN_LOCK_UNLOCKED(name) { 0 }
#define __RAW_SPIN_LOCK_UNLOCKED(name) { 0 }
#define DEFINE_SPINLOCK(name) spinlock_t name = __SPIN_LOCK_UNLOCKED(name)
#define DEFINE_RAW_SPINLOCK(name) raw_spinlock_t name = __SPIN_LOCK_UNLOCKED(name)
#define __MUTEX_INITIALIZER(name) { 0 }
#define DEFINE_MUTEX(name) struct mutex name = __MUTEX_INITIALIZER(name)
#define DEFINE_SRCU(name) struct srcu_struct name
#define DEFINE_STATIC_SRCU(name) static struct srcu_struct name

// Initialisation is not an access to the lock that others could see: the object is not shared yet.
#define spin_lock_init(l) do { (l)->slock = 0; } while (0)
#define raw_spin_lock_init(l) do { (l)->slock = 0; } while (0)
#define mutex_init(m) do { (m)->owner = 0; } while (0)
#define mutex_destroy(m) do { } while (0)
#define init_srcu_struct(s) ((s)->idx = 0)

#define spin_lock_irq(l) do { local_irq_disable(); spin_lock(l); } while (0)
#define spin_unlock_irq(l) do { spin_unlock(l); local_irq_enable(); } while (0)
#define spin_lock_irqsave(l, flags) do { local_irq_save(flags); spin_lock(l); } while (0)
#define spin_unlock_irqrestore(l, flags) do { spin_unlock(l); local_irq_restore(flags); } while (0)
#define spin_lock_bh(l) do { local_bh_disable(); spin_lock(l); } while (0)
#define spin_unlock_bh(l) do { spin_unlock(l); local_bh_enable(); } while (0)
#define spin_trylock_bh(l) ({ int __got; local_bh_disable(); __got = spin_trylock(l); if (!__got) local_bh_enable(); __got; })
#define spin_trylock_irq(l) ({ int __got; local_irq_disable(); __got = spin_trylock(l); if (!__got) local_irq_enable(); __got; })
#define spin_trylock_irqsave(l, flags) \
	({ int __got; local_irq_save(flags); __got = spin_trylock(l); if (!__got) local_irq_restore(flags); __got; })
// Until it has been free once (removed in v4.14); what comes after is ordered behind it.
#define spin_unlock_wait(l) ((void)smp_cond_load_acquire(&(l)->slock, !VAL))
#define raw_spin_unlock_wait(l) spin_unlock_wait(l)
#define raw_spin_trylock(l) spin_trylock(l)
#define raw_spin_is_locked(l) spin_is_locked(l)
#define raw_spin_lock_nested(l, subclass) spin_lock(l)
#define spin_lock_irqsave_nested(l, flags, subclass) spin_lock_irqsave(l, flags)
#define spin_is_contended(l) choose(0, 1)
#define assert_raw_spin_locked(l) assert_spin_locked(l)
#define spin_lock_nested(l, subclass) spin_lock(l)
#define raw_spin_lock_irq(l) spin_lock_irq(l)
#define raw_spin_unlock_irq(l) spin_unlock_irq(l)
#define raw_spin_lock_irqsave(l, flags) spin_lock_irqsave(l, flags)
#define raw_spin_unlock_irqrestore(l, flags) spin_unlock_irqrestore(l, flags)
#define mutex_lock_interruptible(m) ({ mutex_lock(m); 0; })
#define mutex_lock_killable(m) ({ mutex_lock(m); 0; })
#define mutex_lock_nested(m, subclass) mutex_lock(m)
#define mutex_lock_io(m) mutex_lock(m)
#define assert_spin_locked(l) BUG_ON(!spin_is_locked(l))
#define lockdep_assert_held(l) do { } while (0)
#define lockdep_assert_held_read(l) do { } while (0)
#define lockdep_assert_held_write(l) do { } while (0)
#define lockdep_assert_held_once(l) do { } while (0)
#define lockdep_assert_not_held(l) do { } while (0)
#define lockdep_is_held(l) 1
#define lockdep_set_class(l, key) do { } while (0)
#define lockdep_assert_irqs_disabled() do { } while (0)
#define lockdep_assert_irqs_enabled() do { } while (0)
#define lockdep_assert_preemption_disabled() do { } while (0)
#define lockdep_assert(c) do { } while (0)
#define migrate_disable() do { } while (0)
#define migrate_enable() do { } while (0)
// A lock of this CPU's data: on a kernel that is not PREEMPT_RT, preemption or interrupts are held off.
typedef struct { int unused; } local_lock_t;
#define INIT_LOCAL_LOCK(name) { 0 }
#define local_lock_init(l) do { } while (0)
#define local_lock(l) preempt_disable()
#define local_unlock(l) preempt_enable()
#define local_lock_irq(l) local_irq_disable()
#define local_unlock_irq(l) local_irq_enable()
#define local_lock_irqsave(l, flags) local_irq_save(flags)
#define local_unlock_irqrestore(l, flags) local_irq_restore(flags)
#define irqs_disabled() ({ unsigned long __on = __rt_irq_save(); __rt_irq_restore(__on); !__on; })
#define in_interrupt() 0
#define in_irq() 0
#define in_hardirq() 0
#define in_softirq() 0
#define in_serving_softirq() 0
#define in_nmi() 0
#define in_atomic() 0
#define in_task() 1
#define might_fault() might_sleep()
