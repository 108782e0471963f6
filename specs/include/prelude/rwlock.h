// SPDX-License-Identifier: GPL-2.0-or-later
// Reader-writer locks, reader-writer semaphores and semaphores: a count that is -1 with a writer, else the number of
// readers. A locker waits in one step until the count lets it in; the waiting is no event. Fairness is not modelled: a
// waiting writer does not keep readers out. What a reader that leaves finds out from others who left before it is ordered
// before what its thread does as a writer next; a mere release would not say so under LKMM, hence the full barriers.
#pragma once

typedef struct { int count; } rwlock_t;
#define __RW_LOCK_UNLOCKED(name) { 0 }
#define DEFINE_RWLOCK(name) rwlock_t name = __RW_LOCK_UNLOCKED(name)
#define rwlock_init(l) do { (l)->count = 0; } while (0)

static inline void read_lock(rwlock_t *l)
{
	preempt_disable();
	(void)__rt_block_add(gt, &l->count, 1, -1);
}

static inline void read_unlock(rwlock_t *l)
{
	(void)atomic_fetch_sub(1, (atomic_t *)&l->count);
	preempt_enable();
}

static inline void write_lock(rwlock_t *l)
{
	preempt_disable();
	(void)__rt_block_add(eq, &l->count, -1, 0);
}

static inline void write_unlock(rwlock_t *l)
{
	smp_store_release(&l->count, 0);
	preempt_enable();
}

static inline int read_trylock(rwlock_t *l)
{
	int old = READ_ONCE(l->count);

	preempt_disable();
	while (old >= 0)
		if (try_cmpxchg_acquire(&l->count, &old, old + 1))
			return 1;
	preempt_enable();
	return 0;
}

static inline int write_trylock(rwlock_t *l)
{
	preempt_disable();
	if (cmpxchg_acquire(&l->count, 0, -1) == 0)
		return 1;
	preempt_enable();
	return 0;
}

#define read_lock_irq(l) do { local_irq_disable(); read_lock(l); } while (0)
#define read_unlock_irq(l) do { read_unlock(l); local_irq_enable(); } while (0)
#define write_lock_irq(l) do { local_irq_disable(); write_lock(l); } while (0)
#define write_unlock_irq(l) do { write_unlock(l); local_irq_enable(); } while (0)
#define read_lock_irqsave(l, flags) do { local_irq_save(flags); read_lock(l); } while (0)
#define read_unlock_irqrestore(l, flags) do { read_unlock(l); local_irq_restore(flags); } while (0)
#define write_lock_irqsave(l, flags) do { local_irq_save(flags); write_lock(l); } while (0)
#define write_unlock_irqrestore(l, flags) do { write_unlock(l); local_irq_restore(flags); } while (0)
#define read_lock_bh(l) do { local_bh_disable(); read_lock(l); } while (0)
#define read_unlock_bh(l) do { read_unlock(l); local_bh_enable(); } while (0)
#define write_lock_bh(l) do { local_bh_disable(); write_lock(l); } while (0)
#define write_unlock_bh(l) do { write_unlock(l); local_bh_enable(); } while (0)

struct rw_semaphore { int count; };
#define __RWSEM_INITIALIZER(name) { 0 }
#define DECLARE_RWSEM(name) struct rw_semaphore name = __RWSEM_INITIALIZER(name)
#define init_rwsem(sem) do { (sem)->count = 0; } while (0)

static inline void down_read(struct rw_semaphore *sem)
{
	might_sleep();
	(void)__rt_block_add(gt, &sem->count, 1, -1);
}

static inline int down_read_trylock(struct rw_semaphore *sem)
{
	int old = READ_ONCE(sem->count);

	while (old >= 0)
		if (try_cmpxchg_acquire(&sem->count, &old, old + 1))
			return 1;
	return 0;
}

static inline void up_read(struct rw_semaphore *sem)
{
	(void)atomic_fetch_sub(1, (atomic_t *)&sem->count);
}

static inline void down_write(struct rw_semaphore *sem)
{
	might_sleep();
	(void)__rt_block_add(eq, &sem->count, -1, 0);
}

static inline int down_write_trylock(struct rw_semaphore *sem)
{
	return cmpxchg_acquire(&sem->count, 0, -1) == 0;
}

static inline void up_write(struct rw_semaphore *sem)
{
	smp_store_release(&sem->count, 0);
}

static inline void downgrade_write(struct rw_semaphore *sem)
{
	smp_store_release(&sem->count, 1);
}

static inline int rwsem_is_locked(struct rw_semaphore *sem)
{
	return READ_ONCE(sem->count) != 0;
}

#define percpu_rw_semaphore rw_semaphore
#define DEFINE_STATIC_PERCPU_RWSEM(name) static DECLARE_RWSEM(name)
#define percpu_init_rwsem(sem) ({ init_rwsem(sem); 0; })
#define percpu_down_read(sem) down_read(sem)
#define percpu_up_read(sem) up_read(sem)
#define percpu_down_write(sem) down_write(sem)
#define percpu_up_write(sem) up_write(sem)
#define rwsem_is_contended(sem) choose(0, 1)
#define down_read_interruptible(sem) ({ down_read(sem); 0; })
#define down_write_killable(sem) ({ down_write(sem); 0; })
#define down_read_killable(sem) ({ down_read(sem); 0; })
#define down_write_nested(sem, subclass) down_write(sem)
#define down_read_nested(sem, subclass) down_read(sem)

struct semaphore { int count; };
#define DEFINE_SEMAPHORE(...) __RT_SEMAPHORE(__VA_ARGS__, 1, 1) /* without a count, as before v6.4: 1 */
#define __RT_SEMAPHORE(name, n, ...) struct semaphore name = { (n) }
#define sema_init(sem, n) do { (sem)->count = (n); } while (0)

static inline void down(struct semaphore *sem)
{
	might_sleep();
	(void)__rt_sleep_add(gt, &sem->count, -1, 0);
}

static inline void up(struct semaphore *sem)
{
	(void)atomic_fetch_add(1, (atomic_t *)&sem->count);
}

static inline int down_trylock(struct semaphore *sem) /* 0 if it is had */
{
	int old = READ_ONCE(sem->count);

	while (old > 0)
		if (try_cmpxchg_acquire(&sem->count, &old, old - 1))
			return 0;
	return 1;
}

#define down_interruptible(sem) ({ down(sem); 0; })
#define down_killable(sem) ({ down(sem); 0; })
