// SPDX-License-Identifier: GPL-2.0-or-later
// Counters that each CPU adds to on its own, for specs that include <percpu_counter.h>. A CPU whose share has reached the batch
// folds it into the sum; percpu_counter_read() looks at the sum only, and so is off by up to a batch a CPU.
// After lib/percpu_counter.c v6.6: percpu_counter_add_batch(), __percpu_counter_sum(), __percpu_counter_compare().
#pragma once
#include <ringtail.h>

#ifndef PERCPU_COUNTER_CPUS
#define PERCPU_COUNTER_CPUS 4 /* as many as the spec has threads */
#endif

struct percpu_counter {
	raw_spinlock_t lock;
	s64 count;
	s32 counters[PERCPU_COUNTER_CPUS];
};

static int percpu_counter_batch = 2;

static inline int percpu_counter_init(struct percpu_counter *fbc, s64 amount, gfp_t gfp)
{
	(void)gfp;
	raw_spin_lock_init(&fbc->lock);
	WRITE_ONCE(fbc->count, amount);
	return 0;
}

#define percpu_counter_destroy(fbc) do { } while (0)

static inline void percpu_counter_add_batch(struct percpu_counter *fbc, s64 amount, s32 batch)
{
	s32 *share = &fbc->counters[smp_processor_id() % PERCPU_COUNTER_CPUS];
	unsigned long flags;
	s64 count;

	local_irq_save(flags);
	count = READ_ONCE(*share) + amount;
	if (count >= batch || count <= -batch) {
		raw_spin_lock(&fbc->lock);
		WRITE_ONCE(fbc->count, fbc->count + count);
		WRITE_ONCE(*share, 0);
		raw_spin_unlock(&fbc->lock);
	} else {
		WRITE_ONCE(*share, (s32)count);
	}
	local_irq_restore(flags);
}

static inline s64 percpu_counter_sum(struct percpu_counter *fbc)
{
	unsigned long flags;
	s64 sum;
	int cpu;

	raw_spin_lock_irqsave(&fbc->lock, flags);
	sum = fbc->count;
	for (cpu = 0; cpu < PERCPU_COUNTER_CPUS; cpu++)
		sum += READ_ONCE(fbc->counters[cpu]);
	raw_spin_unlock_irqrestore(&fbc->lock, flags);
	return sum;
}

static inline void percpu_counter_set(struct percpu_counter *fbc, s64 amount)
{
	unsigned long flags;
	int cpu;

	raw_spin_lock_irqsave(&fbc->lock, flags);
	for (cpu = 0; cpu < PERCPU_COUNTER_CPUS; cpu++)
		WRITE_ONCE(fbc->counters[cpu], 0);
	WRITE_ONCE(fbc->count, amount);
	raw_spin_unlock_irqrestore(&fbc->lock, flags);
}

static inline s64 percpu_counter_read(struct percpu_counter *fbc)
{
	return READ_ONCE(fbc->count);
}

static inline s64 percpu_counter_read_positive(struct percpu_counter *fbc)
{
	s64 ret = READ_ONCE(fbc->count);

	return ret >= 0 ? ret : 0;
}

static inline s64 percpu_counter_sum_positive(struct percpu_counter *fbc)
{
	s64 ret = percpu_counter_sum(fbc);

	return ret >= 0 ? ret : 0;
}

static inline int __percpu_counter_compare(struct percpu_counter *fbc, s64 rhs, s32 batch)
{
	s64 count = percpu_counter_read(fbc);
	s64 off = (s64)batch * PERCPU_COUNTER_CPUS;

	if (count - rhs <= off && rhs - count <= off)
		count = percpu_counter_sum(fbc);
	return count > rhs ? 1 : count < rhs ? -1 : 0;
}

#define percpu_counter_add(fbc, amount) percpu_counter_add_batch(fbc, amount, percpu_counter_batch)
#define percpu_counter_sub(fbc, amount) percpu_counter_add(fbc, -(amount))
#define percpu_counter_inc(fbc) percpu_counter_add(fbc, 1)
#define percpu_counter_dec(fbc) percpu_counter_add(fbc, -1)
#define percpu_counter_compare(fbc, rhs) __percpu_counter_compare(fbc, rhs, percpu_counter_batch)
#define percpu_counter_initialized(fbc) 1
