// SPDX-License-Identifier: GPL-2.0-or-later
// The primitives for a C compiler: GNU atomics, POSIX threads, and a main() that runs the spec's threads over and over
// until something fails. Ringtail never reads this file; what it explores, this only samples.
//
// Stronger than the kernel's where C has nothing as weak (barriers are fences of C11), so a run that passes proves nothing.
// RCU is a reader-writer lock; call_rcu() runs its callback after a grace period in the caller; an IRQ is one more thread.
#pragma once

// Names of the C library that kernel functions like to have.
#define accept __libc_accept
#define access __libc_access
#define acct __libc_acct
#define bind __libc_bind
#define chdir __libc_chdir
#define chown __libc_chown
#define clone __libc_clone
#define close __libc_close
#define connect __libc_connect
#define div __libc_div
#define dup __libc_dup
#define fdatasync __libc_fdatasync
#define fsync __libc_fsync
#define ftruncate __libc_ftruncate
#define getpriority __libc_getpriority
#define getsid __libc_getsid
#define index __libc_index
#define ioctl __libc_ioctl
#define kill __libc_kill
#define link __libc_link
#define listen __libc_listen
#define lseek __libc_lseek
#define nice __libc_nice
#define open __libc_open
#define pause __libc_pause
#define pipe __libc_pipe
#define pread __libc_pread
#define psignal __libc_psignal
#define pwrite __libc_pwrite
#define random __libc_random
#define read __libc_read
#define readlink __libc_readlink
#define remove __libc_remove
#define rename __libc_rename
#define rewind __libc_rewind
#define rmdir __libc_rmdir
#define select __libc_select
#define send __libc_send
#define setns __libc_setns
#define setpgid __libc_setpgid
#define setsid __libc_setsid
#define sigqueue __libc_sigqueue
#define sleep __libc_sleep
#define swab __libc_swab
#define symlink __libc_symlink
#define sync __libc_sync
#define syncfs __libc_syncfs
#define system __libc_system
#define timer_create __libc_timer_create
#define timer_delete __libc_timer_delete
#define timer_gettime __libc_timer_gettime
#define timer_settime __libc_timer_settime
#define truncate __libc_truncate
#define unlink __libc_unlink
#define unshare __libc_unshare
#define usleep __libc_usleep
#define vfork __libc_vfork
#define wait __libc_wait
#define write __libc_write
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#undef accept
#undef access
#undef acct
#undef bind
#undef chdir
#undef chown
#undef clone
#undef close
#undef connect
#undef div
#undef dup
#undef fdatasync
#undef fsync
#undef ftruncate
#undef getpriority
#undef getsid
#undef index
#undef ioctl
#undef kill
#undef link
#undef listen
#undef lseek
#undef nice
#undef open
#undef pause
#undef pipe
#undef pread
#undef psignal
#undef pwrite
#undef random
#undef read
#undef readlink
#undef remove
#undef rename
#undef rewind
#undef rmdir
#undef select
#undef send
#undef setns
#undef setpgid
#undef setsid
#undef sigqueue
#undef sleep
#undef swab
#undef symlink
#undef sync
#undef syncfs
#undef system
#undef timer_create
#undef timer_delete
#undef timer_gettime
#undef timer_settime
#undef truncate
#undef unlink
#undef unshare
#undef usleep
#undef vfork
#undef wait
#undef write

// --- marked accesses and barriers

#define barrier() __asm__ __volatile__("" ::: "memory")
#define ACCESS_ONCE(x) (*(volatile __typeof__(x) *)&(x))
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) do { *(volatile __typeof__(x) *)&(x) = (v); } while (0)
#define smp_load_acquire(p) \
	({ \
		__typeof__(*(p)) __loaded = READ_ONCE(*(p)); \
		__atomic_thread_fence(__ATOMIC_ACQUIRE); \
		__loaded; \
	})
#define smp_store_release(p, v) \
	do { \
		__atomic_thread_fence(__ATOMIC_RELEASE); \
		WRITE_ONCE(*(p), v); \
	} while (0)
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_store_mb(x, v) do { WRITE_ONCE(x, v); smp_mb(); } while (0)
#define smp_mb__before_atomic() smp_mb()
#define smp_mb__after_atomic() smp_mb()
#define smp_mb__after_spinlock() smp_mb()
#define smp_mb__after_unlock_lock() smp_mb()
#define smp_mb__after_srcu_read_unlock() smp_mb()
#define smp_acquire__after_ctrl_dep() smp_rmb()
#define rcu_dereference(p) READ_ONCE(p)
#define rcu_assign_pointer(p, v) smp_store_release(&(p), v)

// --- read-modify-writes

#define xchg(p, v) __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define xchg_relaxed(p, v) __atomic_exchange_n(p, v, __ATOMIC_RELAXED)
#define xchg_acquire(p, v) __atomic_exchange_n(p, v, __ATOMIC_ACQUIRE)
#define xchg_release(p, v) __atomic_exchange_n(p, v, __ATOMIC_RELEASE)
#define __rt_cmpxchg(p, o, n, order) \
	({ \
		__typeof__(*(p)) __expected = (o); \
		(void)__atomic_compare_exchange_n(p, &__expected, n, 0, order, __ATOMIC_RELAXED); \
		__expected; \
	})
#define cmpxchg(p, o, n) __rt_cmpxchg(p, o, n, __ATOMIC_SEQ_CST)
#define cmpxchg_relaxed(p, o, n) __rt_cmpxchg(p, o, n, __ATOMIC_RELAXED)
#define cmpxchg_acquire(p, o, n) __rt_cmpxchg(p, o, n, __ATOMIC_ACQUIRE)
#define cmpxchg_release(p, o, n) __rt_cmpxchg(p, o, n, __ATOMIC_RELEASE)
#define try_cmpxchg(p, o, n) __atomic_compare_exchange_n(p, o, n, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)
#define try_cmpxchg_relaxed(p, o, n) __atomic_compare_exchange_n(p, o, n, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)
#define try_cmpxchg_acquire(p, o, n) __atomic_compare_exchange_n(p, o, n, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)
#define try_cmpxchg_release(p, o, n) __atomic_compare_exchange_n(p, o, n, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED)

// One family of functions an atomic type, four orders an operation, as the kernel generates them.
#define __RT_ORDERED(T, P, V, S, O) \
	static inline V P##_add_return##S(V i, T *v) { return __atomic_add_fetch(&v->counter, i, O); } \
	static inline V P##_sub_return##S(V i, T *v) { return __atomic_sub_fetch(&v->counter, i, O); } \
	static inline V P##_inc_return##S(T *v) { return __atomic_add_fetch(&v->counter, 1, O); } \
	static inline V P##_dec_return##S(T *v) { return __atomic_sub_fetch(&v->counter, 1, O); } \
	static inline V P##_fetch_add##S(V i, T *v) { return __atomic_fetch_add(&v->counter, i, O); } \
	static inline V P##_fetch_sub##S(V i, T *v) { return __atomic_fetch_sub(&v->counter, i, O); } \
	static inline V P##_fetch_inc##S(T *v) { return __atomic_fetch_add(&v->counter, 1, O); } \
	static inline V P##_fetch_dec##S(T *v) { return __atomic_fetch_sub(&v->counter, 1, O); } \
	static inline V P##_fetch_and##S(V i, T *v) { return __atomic_fetch_and(&v->counter, i, O); } \
	static inline V P##_fetch_or##S(V i, T *v) { return __atomic_fetch_or(&v->counter, i, O); } \
	static inline V P##_fetch_xor##S(V i, T *v) { return __atomic_fetch_xor(&v->counter, i, O); } \
	static inline V P##_fetch_andnot##S(V i, T *v) { return __atomic_fetch_and(&v->counter, ~i, O); } \
	static inline V P##_xchg##S(T *v, V n) { return __atomic_exchange_n(&v->counter, n, O); } \
	static inline bool P##_try_cmpxchg##S(T *v, V *o, V n) \
	{ \
		return __atomic_compare_exchange_n(&v->counter, o, n, 0, O, __ATOMIC_RELAXED); \
	} \
	static inline V P##_cmpxchg##S(T *v, V o, V n) { (void)P##_try_cmpxchg##S(v, &o, n); return o; }

#define __RT_ATOMIC(T, P, V) \
	__RT_ORDERED(T, P, V, , __ATOMIC_SEQ_CST) \
	__RT_ORDERED(T, P, V, _relaxed, __ATOMIC_RELAXED) \
	__RT_ORDERED(T, P, V, _acquire, __ATOMIC_ACQUIRE) \
	__RT_ORDERED(T, P, V, _release, __ATOMIC_RELEASE) \
	static inline V P##_read(const T *v) { return __atomic_load_n(&v->counter, __ATOMIC_RELAXED); } \
	static inline V P##_read_acquire(const T *v) { return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE); } \
	static inline void P##_set(T *v, V i) { __atomic_store_n(&v->counter, i, __ATOMIC_RELAXED); } \
	static inline void P##_set_release(T *v, V i) { __atomic_store_n(&v->counter, i, __ATOMIC_RELEASE); } \
	static inline void P##_add(V i, T *v) { (void)P##_fetch_add_relaxed(i, v); } \
	static inline void P##_sub(V i, T *v) { (void)P##_fetch_sub_relaxed(i, v); } \
	static inline void P##_inc(T *v) { (void)P##_fetch_add_relaxed(1, v); } \
	static inline void P##_dec(T *v) { (void)P##_fetch_sub_relaxed(1, v); } \
	static inline void P##_and(V i, T *v) { (void)P##_fetch_and_relaxed(i, v); } \
	static inline void P##_or(V i, T *v) { (void)P##_fetch_or_relaxed(i, v); } \
	static inline void P##_xor(V i, T *v) { (void)P##_fetch_xor_relaxed(i, v); } \
	static inline void P##_andnot(V i, T *v) { (void)P##_fetch_andnot_relaxed(i, v); } \
	static inline int P##_sub_and_test(V i, T *v) { return P##_sub_return(i, v) == 0; } \
	static inline int P##_dec_and_test(T *v) { return P##_dec_return(v) == 0; } \
	static inline int P##_inc_and_test(T *v) { return P##_inc_return(v) == 0; } \
	static inline int P##_add_negative(V i, T *v) { return P##_add_return(i, v) < 0; } \
	static inline V P##_fetch_add_unless(T *v, V a, V u) \
	{ \
		V o = P##_read(v); \
		while (o != u && !P##_try_cmpxchg(v, &o, o + a)) \
			; \
		return o; \
	} \
	static inline int P##_add_unless(T *v, V a, V u) { return P##_fetch_add_unless(v, a, u) != u; } \
	static inline int P##_inc_not_zero(T *v) { return P##_add_unless(v, 1, 0); } \
	static inline int P##_inc_unless_negative(T *v) \
	{ \
		V o = P##_read(v); \
		while (o >= 0) \
			if (P##_try_cmpxchg(v, &o, o + 1)) \
				return 1; \
		return 0; \
	} \
	static inline int P##_dec_unless_positive(T *v) \
	{ \
		V o = P##_read(v); \
		while (o <= 0) \
			if (P##_try_cmpxchg(v, &o, o - 1)) \
				return 1; \
		return 0; \
	} \
	static inline V P##_dec_if_positive(T *v) \
	{ \
		V o = P##_read(v); \
		while (o > 0 && !P##_try_cmpxchg(v, &o, o - 1)) \
			; \
		return o - 1; \
	}

__RT_ATOMIC(atomic_t, atomic, int)
__RT_ATOMIC(atomic_long_t, atomic_long, long)
__RT_ATOMIC(atomic64_t, atomic64, long)

// --- waiting

#define __rt_holds_eq(a, b) ((a) == (b))
#define __rt_holds_ne(a, b) ((a) != (b))
#define __rt_holds_gt(a, b) ((a) > (b))
#define __rt_holds_lt(a, b) ((a) < (b))
#define __rt_holds_clear(a, b) (((a) & (b)) == 0)
#define __rt_holds_set(a, b) (((a) & (b)) != 0)
#define __rt_await(guard, p, v) \
	({ \
		__typeof__(*(p)) __seen; \
		while (!__rt_holds_##guard((__seen = READ_ONCE(*(p))), (v))) \
			sched_yield(); \
		__seen; \
	})
#define __rt_sleep(guard, p, v) __rt_await(guard, p, v)
#define __rt_block_add(guard, p, n, v) \
	({ \
		__typeof__(*(p)) __old; \
		do { \
			__old = __rt_await(guard, p, v); \
		} while (!try_cmpxchg_acquire(p, &__old, __old + (n))); \
		__old; \
	})
#define __rt_sleep_add(guard, p, n, v) __rt_block_add(guard, p, n, v)

// --- locks

#define __rt_take(word) ((void)__rt_block_add(eq, word, 1, 0))
static inline void spin_lock(spinlock_t *l) { __rt_take(&l->slock); }
static inline void spin_unlock(spinlock_t *l) { smp_store_release(&l->slock, 0); }
static inline int spin_trylock(spinlock_t *l) { return cmpxchg_acquire(&l->slock, 0, 1) == 0; }
static inline int spin_is_locked(spinlock_t *l) { return READ_ONCE(l->slock) != 0; }
#define raw_spin_lock(l) spin_lock(l)
#define raw_spin_unlock(l) spin_unlock(l)
static inline void mutex_lock(struct mutex *m) { __rt_take(&m->owner); }
static inline void mutex_unlock(struct mutex *m) { smp_store_release(&m->owner, 0); }
static inline int mutex_trylock(struct mutex *m) { return cmpxchg_acquire(&m->owner, 0, 1) == 0; }
static inline int mutex_is_locked(struct mutex *m) { return READ_ONCE(m->owner) != 0; }

// --- RCU

static pthread_rwlock_t __rt_rcu = PTHREAD_RWLOCK_INITIALIZER;
static inline void rcu_read_lock(void) { pthread_rwlock_rdlock(&__rt_rcu); }
static inline void rcu_read_unlock(void) { pthread_rwlock_unlock(&__rt_rcu); }
static inline void synchronize_rcu(void)
{
	pthread_rwlock_wrlock(&__rt_rcu);
	pthread_rwlock_unlock(&__rt_rcu);
}
#define synchronize_rcu_expedited() synchronize_rcu()
static inline int srcu_read_lock(struct srcu_struct *s) { (void)s; rcu_read_lock(); return 0; }
static inline void srcu_read_unlock(struct srcu_struct *s, int idx) { (void)s; (void)idx; rcu_read_unlock(); }
static inline void synchronize_srcu(struct srcu_struct *s) { (void)s; synchronize_rcu(); }
#define srcu_down_read(s) srcu_read_lock(s)
#define srcu_up_read(s, idx) srcu_read_unlock(s, idx)
#define synchronize_srcu_expedited(s) synchronize_srcu(s)
#define call_rcu(head, func) do { synchronize_rcu(); (func)(head); } while (0)

// --- tasks, memory, interrupts

extern __thread int __rt_id;
static inline int __rt_task(void) { return __rt_id; }
#define __rt_irq_save() 1UL
#define __rt_irq_restore(on) ((void)(on))
#define __rt_preempt(on) ((void)(on))
#define __rt_might_sleep() ((void)0)
static inline void *__rt_alloc(size_t size, int zero) { return zero ? calloc(1, size) : malloc(size); }
#define kfree(p) free((void *)(p))

// --- the harness

static inline void __rt_fail(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}
#undef assert
#define assert(c) ((c) ? (void)0 : __rt_fail("assertion failed: " #c, __FILE__, __LINE__))
#define BUG_ON(c) ((c) ? __rt_fail("BUG_ON: " #c, __FILE__, __LINE__) : (void)0)
#define BUG() __rt_fail("BUG", __FILE__, __LINE__)
#define WARN_ON(c) ({ bool __warn = (c); if (__warn) __rt_fail("WARN_ON: " #c, __FILE__, __LINE__); __warn; })
#define assume(c) do { if (!(c)) pthread_exit(NULL); } while (0)
static inline unsigned long __rt_choose(unsigned long low, unsigned long high)
{
	unsigned long any = (unsigned long)rand() << 62 ^ (unsigned long)rand() << 31 ^ (unsigned long)rand();

	return high - low == ~0UL ? any : low + any % (high - low + 1);
}
#define choose(low, high) ((__typeof__((low) + (high)))__rt_choose((unsigned long)(low), (unsigned long)(high)))

struct __rt_part {
	const char *name;
	void (*run)(void);
	int kind; /* 0 INIT, 1 a thread, 2 FINALLY */
	struct __rt_part *next;
};
extern struct __rt_part *__rt_parts;
#define __RT_PART(symbol, text, what) \
	static void symbol(void); \
	static struct __rt_part symbol##_part = { text, symbol, what, NULL }; \
	__attribute__((constructor)) static void symbol##_add(void) \
	{ \
		struct __rt_part **end = &__rt_parts; \
		while (*end) \
			end = &(*end)->next; \
		*end = &symbol##_part; \
	} \
	static void symbol(void)
#define __RT_NUMBERED(name, n, text, what) __RT_PART(name##n, text, what)
#define __RT_ONE_OF(name, n, text, what) __RT_NUMBERED(name, n, text, what)
#define INIT __RT_ONE_OF(__rt_init, __COUNTER__, "INIT", 0)
#define FINALLY __RT_ONE_OF(__rt_finally, __COUNTER__, "FINALLY", 2)
#define THREAD(name) __RT_PART(__rt_thread_##name, #name, 1)
#define IRQ(name) __RT_PART(__rt_thread_##name, #name, 1)
#define IRQ_ON(name, thread) __RT_PART(__rt_thread_##name, #name, 1)
#define PROOF(name) __attribute__((unused)) static void __rt_proof_##name(void)
#define INVARIANT(name, condition) \
	__attribute__((unused)) static bool __rt_invariant_##name(void) { return condition; }
#define __RT_JOIN(a, b) a##b
#define __RT_UNDER(line, lock, condition) \
	__attribute__((unused)) static bool __RT_JOIN(__rt_invariant_, line)(void) { (void)(lock); return condition; }
#define INVARIANT_UNDER(lock, condition) __RT_UNDER(__LINE__, lock, condition)

// A spec is one translation unit: its main() is here. Globals keep their values from run to run only where INIT leaves
// them, so the stress test forks a process a run.

struct __rt_part *__rt_parts;
__thread int __rt_id;

static void *__rt_start(void *part)
{
	static int ids;

	__rt_id = __atomic_fetch_add(&ids, 1, __ATOMIC_RELAXED);
	((struct __rt_part *)part)->run();
	return NULL;
}

static inline void __rt_once(unsigned int seed)
{
	pthread_t threads[64];
	struct __rt_part *p;
	int n = 0, i;

	srand(seed);
	for (p = __rt_parts; p; p = p->next)
		if (p->kind == 0)
			p->run();
	for (p = __rt_parts; p && n < 64; p = p->next)
		if (p->kind == 1)
			pthread_create(&threads[n++], NULL, __rt_start, p);
	for (i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	for (p = __rt_parts; p; p = p->next)
		if (p->kind == 2)
			p->run();
}

int main(int argc, char **argv)
{
	int runs = argc > 1 ? atoi(argv[1]) : 1000;
	int i;

	for (i = 0; i < runs; i++) {
		int status = 0;
		pid_t child = fork();

		if (child == 0) {
			alarm(10);
			__rt_once((unsigned int)i);
			_exit(0);
		}
		waitpid(child, &status, 0);
		if (status != 0) {
			fprintf(stderr, "run %d of %d failed\n", i + 1, runs);
			return 1;
		}
	}
	printf("%d runs, nothing failed\n", runs);
	return 0;
}
