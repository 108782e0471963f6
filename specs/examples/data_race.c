// SPDX-License-Identifier: GPL-2.0-or-later
// A counter that a lock protects is looked at without the lock, for a report: data_race() says that this is meant.
// @source tools/memory-model/Documentation/access-marking.txt v6.6: Lock-Protected Writes With Heuristic Lockless Reads
// @expect all: safe
// @expect[UNMARKED] sc, tso: safe   lkmm: violation (data race)
// @expect[NO_LOCK] sc, tso: violation (assertion)   lkmm: violation (data race)
// @expect[FREED] all: violation (use after free)
#include <ringtail.h>

struct stats {
	int events;
};

static DEFINE_SPINLOCK(lock);
static struct stats *stats;
static int reported;

INIT { stats = kzalloc(sizeof(*stats), GFP_KERNEL); }

static void count_event(void)
{
#ifdef NO_LOCK
	(void)lock;
#else
	spin_lock(&lock);
#endif
	stats->events++;
#ifndef NO_LOCK
	spin_unlock(&lock);
#endif
}

THREAD(one) { count_event(); }
THREAD(other)
{
	count_event();
#ifdef FREED
	kfree(stats);
#endif
}

THREAD(report)
{
#ifdef UNMARKED
	reported = stats->events;
#else
	reported = data_race(stats->events);
#endif
}

#ifndef FREED
FINALLY { assert(stats->events == 2 && reported <= 2); }
#endif
