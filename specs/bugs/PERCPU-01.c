// SPDX-License-Identifier: GPL-2.0-or-later
// A reference is got while counts are gathered: the bias is all there is in the long, and an int is made of it.
// @source lib/percpu-refcount.c v4.9: percpu_ref_switch_to_atomic_rcu(); include/linux/percpu-refcount.h percpu_ref_tryget();
//   arch/powerpc/include/asm/atomic.h atomic64_inc_not_zero()
// @bug PERCPU-01 (v4.10) percpu-refcount: fix reference leak during percpu-atomic transition
// @expect all: violation (lost wakeup)
// @expect[FIX_PERCPU_01] all: safe
#include <ringtail.h>

#define PERCPU_COUNT_BIAS (1LU << (BITS_PER_LONG - 1))
#define __PERCPU_REF_ATOMIC_DEAD 3UL

static DEFINE_PER_CPU(unsigned long, percpu_count);

static struct percpu_ref {
	atomic_long_t count;
	unsigned long percpu_count_ptr;
	struct rcu_head rcu;
} ref = { .count = ATOMIC_LONG_INIT(1 + PERCPU_COUNT_BIAS) };

static DECLARE_COMPLETION(released);

static void percpu_ref_put(struct percpu_ref *ref)
{
	rcu_read_lock();
	if (!(READ_ONCE(ref->percpu_count_ptr) & __PERCPU_REF_ATOMIC_DEAD))
		this_cpu_dec(percpu_count);
	else if (unlikely(atomic_long_dec_and_test(&ref->count)))
		complete(&released);
	rcu_read_unlock();
}

static long powerpc_inc_not_zero(atomic_long_t *v)
{
	long t = atomic_long_read(v);

	do {
		if (!t)
			break;
	} while (!atomic_long_try_cmpxchg(v, &t, t + 1));
	return t;
}

static inline bool percpu_ref_tryget(struct percpu_ref *ref)
{
#ifdef FIX_PERCPU_01
	bool ret;
#else
	int ret;
#endif

	rcu_read_lock();
	if (!(READ_ONCE(ref->percpu_count_ptr) & __PERCPU_REF_ATOMIC_DEAD)) {
		this_cpu_inc(percpu_count);
		ret = true;
	} else {
		ret = powerpc_inc_not_zero(&ref->count);
	}
	rcu_read_unlock();
	return ret;
}

static void percpu_ref_switch_to_atomic_rcu(struct rcu_head *rcu)
{
	struct percpu_ref *ref = container_of(rcu, struct percpu_ref, rcu);
	unsigned long count = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		count += per_cpu(percpu_count, cpu);
	atomic_long_add((long)count - PERCPU_COUNT_BIAS, &ref->count);
	percpu_ref_put(ref);
}

THREAD(kill)
{
	WRITE_ONCE(ref.percpu_count_ptr, ref.percpu_count_ptr | __PERCPU_REF_ATOMIC_DEAD);
	atomic_long_inc(&ref.count);
	call_rcu(&ref.rcu, percpu_ref_switch_to_atomic_rcu);
	percpu_ref_put(&ref);
	wait_for_completion(&released);
}

THREAD(user)
{
	bool had = percpu_ref_tryget(&ref);

	if (had)
		percpu_ref_put(&ref);
	if (percpu_ref_tryget(&ref))
		percpu_ref_put(&ref);
}
