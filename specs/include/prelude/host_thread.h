// SPDX-License-Identifier: GPL-2.0-or-later
// Waiting, locks, RCU, tasks and the harness for a C compiler, see host.h.
#pragma once

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
