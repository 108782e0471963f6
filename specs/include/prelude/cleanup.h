// SPDX-License-Identifier: GPL-2.0-or-later
// Variables whose scope ends with a call: __free(), CLASS(), guard(), scoped_guard(), scoped_cond_guard(). As
// include/linux/cleanup.h and its users have them since v6.5.
#pragma once

#define __cleanup(func) __attribute__((__unused__, __cleanup__(func)))
#define __free(name) __cleanup(__free_##name)
#define DEFINE_FREE(name, type, code) \
	static inline void __free_##name(void *p) \
	{ \
		type _T = *(type *)p; \
		code; \
	}
#define no_free_ptr(p) ({ __typeof__(p) __kept = (p); (p) = NULL; __kept; })
#define return_ptr(p) return no_free_ptr(p)
#define retain_and_null_ptr(p) ((void)no_free_ptr(p))

#define DEFINE_CLASS(name, type, exit, init, ...) \
	typedef type class_##name##_t; \
	static inline void class_##name##_destructor(type *p) \
	{ \
		type _T = *p; \
		exit; \
	} \
	static inline type class_##name##_constructor(__VA_ARGS__) \
	{ \
		type __t = init; \
		return __t; \
	}
#define CLASS(name, var) class_##name##_t var __cleanup(class_##name##_destructor) = class_##name##_constructor
#define DEFINE_GUARD(name, type, lock, unlock) \
	DEFINE_CLASS(name, type, if (_T) { unlock; }, ({ lock; _T; }), type _T) \
	static inline int class_##name##_holds(type *p) { return *p != NULL; }
/* a guard that may fail to take the lock, as `condition` on _T says */
#define DEFINE_GUARD_COND(name, ext, condition) \
	typedef class_##name##_t class_##name##ext##_t; \
	static inline void class_##name##ext##_destructor(class_##name##_t *p) { class_##name##_destructor(p); } \
	static inline int class_##name##ext##_holds(class_##name##_t *p) { return class_##name##_holds(p); } \
	static inline class_##name##_t class_##name##ext##_constructor(class_##name##_t _T) \
	{ \
		if (_T && !(condition)) \
			_T = NULL; \
		return _T; \
	}
#define DEFINE_LOCK_GUARD_0(name, lock, unlock) DEFINE_CLASS(name, int, (void)_T; unlock, ({ lock; 1; }), void)
#define DEFINE_LOCK_GUARD_1(name, type, take, unlock, ...) \
	typedef struct { \
		type *lock; \
		__VA_ARGS__; \
	} class_##name##_t; \
	static inline void class_##name##_destructor(class_##name##_t *_T) \
	{ \
		if (_T->lock) { \
			unlock; \
		} \
	} \
	static inline class_##name##_t class_##name##_constructor(type *l) \
	{ \
		class_##name##_t __t = { .lock = l }, *_T = &__t; \
		take; \
		return __t; \
	}

#define __guard_name(line) __guard_##line
#define __guard_at(line) __guard_name(line)
#define guard(name) CLASS(name, __guard_at(__LINE__))
#define scoped_guard(name, ...) \
	for (CLASS(name, scope)(__VA_ARGS__), *__done = NULL; !__done; __done = (void *)1)
/* `fail` is a statement, for when the lock was not to be had */
#define scoped_cond_guard(name, fail, ...) \
	for (CLASS(name, scope)(__VA_ARGS__), *__done = NULL; !__done; __done = (void *)1) \
		if (!class_##name##_holds(&scope)) \
			fail; \
		else

DEFINE_FREE(kfree, void *, if (!IS_ERR_OR_NULL(_T)) kfree(_T))

DEFINE_GUARD(mutex, struct mutex *, mutex_lock(_T), mutex_unlock(_T))
DEFINE_GUARD_COND(mutex, _try, mutex_trylock(_T))
DEFINE_GUARD_COND(mutex, _intr, mutex_lock_interruptible(_T) == 0)
DEFINE_GUARD(rwsem_read, struct rw_semaphore *, down_read(_T), up_read(_T))
DEFINE_GUARD_COND(rwsem_read, _try, down_read_trylock(_T))
DEFINE_GUARD(rwsem_write, struct rw_semaphore *, down_write(_T), up_write(_T))
DEFINE_GUARD_COND(rwsem_write, _try, down_write_trylock(_T))
DEFINE_GUARD(spinlock, spinlock_t *, spin_lock(_T), spin_unlock(_T))
DEFINE_GUARD_COND(spinlock, _try, spin_trylock(_T))
DEFINE_GUARD(spinlock_irq, spinlock_t *, spin_lock_irq(_T), spin_unlock_irq(_T))
DEFINE_GUARD(spinlock_bh, spinlock_t *, spin_lock_bh(_T), spin_unlock_bh(_T))
DEFINE_LOCK_GUARD_1(spinlock_irqsave, spinlock_t, spin_lock_irqsave(_T->lock, _T->flags),
		    spin_unlock_irqrestore(_T->lock, _T->flags), unsigned long flags)
DEFINE_GUARD(raw_spinlock, raw_spinlock_t *, raw_spin_lock(_T), raw_spin_unlock(_T))
DEFINE_GUARD(raw_spinlock_irq, raw_spinlock_t *, raw_spin_lock_irq(_T), raw_spin_unlock_irq(_T))
DEFINE_LOCK_GUARD_1(raw_spinlock_irqsave, raw_spinlock_t, raw_spin_lock_irqsave(_T->lock, _T->flags),
		    raw_spin_unlock_irqrestore(_T->lock, _T->flags), unsigned long flags)
DEFINE_GUARD(read_lock, rwlock_t *, read_lock(_T), read_unlock(_T))
DEFINE_GUARD(write_lock, rwlock_t *, write_lock(_T), write_unlock(_T))
DEFINE_LOCK_GUARD_1(srcu, struct srcu_struct, _T->idx = srcu_read_lock(_T->lock), srcu_read_unlock(_T->lock, _T->idx),
		    int idx)
DEFINE_LOCK_GUARD_0(rcu, rcu_read_lock(), rcu_read_unlock())
DEFINE_LOCK_GUARD_0(preempt, preempt_disable(), preempt_enable())
DEFINE_LOCK_GUARD_0(irq, local_irq_disable(), local_irq_enable())
