// SPDX-License-Identifier: GPL-2.0-or-later
// Places in the ring are given out from a per-CPU batch, and an interrupt on the same CPU gives one back in the middle of that.
// @source fs/aio.c v3.15: get_reqs_available(), put_reqs_available()
// @bug AIO-13 (v3.16) aio: protect reqs_available updates from changes in interrupt handlers
// @seed other: there reqs_active is under ctx_lock, which holds interrupts off
// The subject is not confirmed by a public source; the commit's hash is not certain and so left out.
// @expect all: violation (assertion)
// @expect[FIX_AIO_13] all: safe
#include <ringtail.h>

#define REQ_BATCH 2u
#define NR_EVENTS 4u

struct kioctx_cpu {
	unsigned int reqs_available;
};

static DEFINE_PER_CPU(struct kioctx_cpu, ctx_cpu);
static atomic_t reqs_available = ATOMIC_INIT(NR_EVENTS);
static unsigned int cpu, submitted = 1, completed;

INIT { atomic_sub(1, &reqs_available); } /* a request that the interrupt will complete */

#ifdef FIX_AIO_13
#define kcpu_lock(flags) local_irq_save(flags)
#define kcpu_unlock(flags) local_irq_restore(flags)
#else
#define kcpu_lock(flags) do { (flags) = 0; } while (0)
#define kcpu_unlock(flags) ((void)(flags))
#endif

static void put_reqs_available(unsigned int nr)
{
	struct kioctx_cpu *kcpu;
	unsigned long flags;

	preempt_disable();
	kcpu = this_cpu_ptr(&ctx_cpu);
	kcpu_lock(flags);
	kcpu->reqs_available += nr;
	while (kcpu->reqs_available >= REQ_BATCH * 2) {
		kcpu->reqs_available -= REQ_BATCH;
		atomic_add((int)REQ_BATCH, &reqs_available);
	}
	kcpu_unlock(flags);
	preempt_enable();
}

static bool get_reqs_available(void)
{
	struct kioctx_cpu *kcpu;
	bool ret = false;
	unsigned long flags;

	preempt_disable();
	kcpu = this_cpu_ptr(&ctx_cpu);
	kcpu_lock(flags);
	if (!kcpu->reqs_available) {
		int old, avail = atomic_read(&reqs_available);

		do {
			if (avail < (int)REQ_BATCH)
				goto out;
			old = avail;
			avail = atomic_cmpxchg(&reqs_available, avail, avail - (int)REQ_BATCH);
		} while (avail != old);
		kcpu->reqs_available += REQ_BATCH;
	}
	ret = true;
	kcpu->reqs_available--;
out:
	kcpu_unlock(flags);
	preempt_enable();
	return ret;
}

THREAD(submitter)
{
	cpu = smp_processor_id();
	if (get_reqs_available())
		submitted++;
}

IRQ_ON(completion, submitter)
{
	completed++;
	put_reqs_available(1);
}

// What is in flight and what is available are the ring's places, always.
FINALLY
{
	assert(submitted - completed + (unsigned int)atomic_read(&reqs_available) + per_cpu(ctx_cpu, cpu).reqs_available ==
	       NR_EVENTS);
}
