// SPDX-License-Identifier: GPL-2.0-or-later
// A queue with one writer and one reader needs no lock; with two writers it does: both take the same place.
// @expect all: safe
// @expect[TWO_WRITERS] sc, tso: violation (assertion)   lkmm: violation (data race)
// @expect[TWO_WRITERS, LOCKED] all: safe
#include <kfifo.h>

static DEFINE_KFIFO(events, int, 2);
#ifdef LOCKED
static DEFINE_SPINLOCK(lock);
#endif

static void add(int event)
{
#ifdef LOCKED
	(void)kfifo_in_spinlocked(&events, &event, 1, &lock);
#else
	(void)kfifo_put(&events, event);
#endif
}

#ifdef TWO_WRITERS
THREAD(first) { add(1); }
THREAD(second) { add(2); }

FINALLY
{
	int a = 0, b = 0;

	assert(kfifo_is_full(&events));
	assert(kfifo_get(&events, &a) && kfifo_get(&events, &b));
	assert(a + b == 3 && kfifo_is_empty(&events));
}
#else
THREAD(writer)
{
	add(1);
	add(2);
	add(3); /* there may be room by now */
}

THREAD(reader)
{
	int event = 0, last = 0;

	while (last < 2) {
		if (!kfifo_get(&events, &event))
			continue;
		assert(event == last + 1);
		last = event;
	}
}
#endif
