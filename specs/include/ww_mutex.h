// SPDX-License-Identifier: GPL-2.0-or-later
// Mutexes of which a thread takes several in any order. Contexts are stamped; who would wait for a context that is older backs
// off (-EDEADLK), lets all it has go and tries again (wait-die: DEFINE_WD_CLASS()); or who is older wounds the holder, which backs
// off when it has to wait itself (DEFINE_WW_CLASS()). Before v4.19 there was wait-die only, under the name of the other.
//
// Simplified: who waits is in no queue. A context that is older may be overtaken by one that comes when the lock is free, and one
// that is younger backs off for who holds the lock, not already for who waits before it. A class has up to 62 contexts.
// @source kernel/locking/ww_mutex.h v6.6: __ww_mutex_check_kill(), __ww_mutex_wound(); include/linux/ww_mutex.h
#pragma once

struct ww_class {
	atomic_long_t stamp;
	atomic_long_t wounded; /* a bit a context, by its stamp */
	unsigned int acquired[NR_CPUS]; /* locks that each task has by its context */
	bool is_wait_die;
};
#define DEFINE_WW_CLASS(name) struct ww_class name = { .is_wait_die = false }
#define DEFINE_WD_CLASS(name) struct ww_class name = { .is_wait_die = true }

#define __rt_ww_acquired(class) ((class)->acquired[__rt_task()])

struct ww_acquire_ctx {
	struct ww_class *ww_class;
	unsigned long stamp;
	bool done;
};

struct ww_mutex {
	unsigned long holder; /* its stamp; 0: nobody's */
	struct ww_class *ww_class;
};
#define __RT_NO_CONTEXT (~0UL) /* younger than all */
#define __WW_MUTEX_INITIALIZER(name, class) { .ww_class = (class) }
#define DEFINE_WW_MUTEX(name, class) struct ww_mutex name = __WW_MUTEX_INITIALIZER(name, class)

static inline void ww_mutex_init(struct ww_mutex *lock, struct ww_class *ww_class)
{
	lock->holder = 0;
	lock->ww_class = ww_class;
}
#define ww_mutex_destroy(lock) do { } while (0)

static inline void ww_acquire_init(struct ww_acquire_ctx *ctx, struct ww_class *ww_class)
{
	ctx->ww_class = ww_class;
	ctx->stamp = atomic_long_inc_return_relaxed(&ww_class->stamp);
	ctx->done = false;
}

static inline void ww_acquire_done(struct ww_acquire_ctx *ctx)
{
	WARN_ON(ctx->done);
	ctx->done = true;
}

static inline void ww_acquire_fini(struct ww_acquire_ctx *ctx)
{
	unsigned int acquired = __rt_ww_acquired(ctx->ww_class);

	WARN_ON(acquired != 0);
}

// Whether the context must give up what it has, now that `holder` has what it wants.
static inline bool __rt_ww_back_off(struct ww_acquire_ctx *ctx, unsigned long holder)
{
	struct ww_class *ww_class = ctx->ww_class;

	if (__rt_ww_acquired(ctx->ww_class) == 0)
		return false;
	if (ww_class->is_wait_die)
		return holder < ctx->stamp;
	if (atomic_long_read(&ww_class->wounded) & 1L << ctx->stamp)
		return true;
	if (holder != __RT_NO_CONTEXT && ctx->stamp < holder && !(atomic_long_read(&ww_class->wounded) & 1L << holder))
		atomic_long_or(1L << holder, &ww_class->wounded);
	return false;
}

static inline int ww_mutex_lock(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	unsigned long holder, stamp = ctx ? ctx->stamp : __RT_NO_CONTEXT;

	might_sleep();
	if (ctx) {
		WARN_ON(ctx->ww_class != lock->ww_class || ctx->done);
		if (READ_ONCE(lock->holder) == stamp)
			return -EALREADY;
		if (__rt_ww_acquired(ctx->ww_class) == 0 && !ctx->ww_class->is_wait_die)
			atomic_long_andnot(1L << stamp, &ctx->ww_class->wounded);
	}
	if (!ctx || __rt_ww_acquired(ctx->ww_class) == 0) {
		(void)__rt_block_add(eq, &lock->holder, stamp, 0);
	} else if (ctx->ww_class->is_wait_die) {
		do {
			if (__rt_await(lt, &lock->holder, stamp) != 0)
				return -EDEADLK;
		} while (cmpxchg_acquire(&lock->holder, 0, stamp) != 0);
	} else {
		for (;;) {
			holder = READ_ONCE(lock->holder);
			if (holder == 0) {
				if (cmpxchg_acquire(&lock->holder, 0, stamp) == 0)
					break;
			} else if (__rt_ww_back_off(ctx, holder)) {
				return -EDEADLK;
			}
			cpu_relax();
		}
	}
	if (ctx)
		__rt_ww_acquired(ctx->ww_class)++;
	return 0;
}
#define ww_mutex_lock_interruptible(lock, ctx) ww_mutex_lock(lock, ctx)

// Who backed off and has nothing waits for the lock that it could not have.
static inline void ww_mutex_lock_slow(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	unsigned int acquired = __rt_ww_acquired(ctx->ww_class);

	WARN_ON(acquired != 0);
	(void)ww_mutex_lock(lock, ctx);
}
#define ww_mutex_lock_slow_interruptible(lock, ctx) ({ ww_mutex_lock_slow(lock, ctx); 0; })

static inline int __rt_ww_trylock(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	if (cmpxchg_acquire(&lock->holder, 0, ctx ? ctx->stamp : __RT_NO_CONTEXT) != 0)
		return 0;
	if (ctx)
		__rt_ww_acquired(ctx->ww_class)++;
	return 1;
}
#define ww_mutex_trylock(...) __RT_WW_TRYLOCK(__VA_ARGS__, NULL, NULL) /* without a context before v5.16 */
#define __RT_WW_TRYLOCK(lock, ctx, ...) __rt_ww_trylock(lock, ctx)

static inline void ww_mutex_unlock(struct ww_mutex *lock)
{
	WARN_ON(READ_ONCE(lock->holder) == 0);
	if (lock->holder != __RT_NO_CONTEXT) {
		WARN_ON(__rt_ww_acquired(lock->ww_class) == 0);
		__rt_ww_acquired(lock->ww_class)--;
	}
	smp_store_release(&lock->holder, 0);
}

#define ww_mutex_is_locked(lock) (READ_ONCE((lock)->holder) != 0)
