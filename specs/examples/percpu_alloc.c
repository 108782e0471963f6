// SPDX-License-Identifier: GPL-2.0-or-later
// Counters that each CPU has its own of, in memory that is allocated; whoever adds them up at the end misses none.
// @expect all: safe
// @expect[FREED_EARLY] all: violation (use after free)
#include <ringtail.h>

struct stats {
	unsigned long packets, bytes;
};

static struct stats __percpu *stats;

INIT { stats = alloc_percpu(struct stats); }

static void receive(unsigned long bytes)
{
	struct stats *mine = get_cpu_ptr(stats);

	mine->packets++;
	mine->bytes += bytes;
	put_cpu_ptr(stats);
}

THREAD(first) { receive(100); }
THREAD(second) { receive(20); }

#ifdef FREED_EARLY
THREAD(remover) { free_percpu(stats); }
#else
FINALLY
{
	unsigned long packets = 0, bytes = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		packets += per_cpu_ptr(stats, cpu)->packets;
		bytes += per_cpu_ptr(stats, cpu)->bytes;
	}
	assert(packets == 2 && bytes == 120);
	free_percpu(stats);
}
#endif
