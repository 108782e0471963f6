// SPDX-License-Identifier: GPL-2.0-or-later
// Who finds the counter taken gives back what it took, waits, and tries again: tries that fail are not looked at, and a
// thread that would try for ever waits for ever.
// @source checker/explore/retries.h
// @expect sc, tso: safe
// @expect[KEEPS] sc, tso: violation (deadlock)
#include <ringtail.h>
static atomic_t free_slots = ATOMIC_INIT(1);
static int x;
static void take(void)
{
	while (atomic_fetch_sub_acquire(1, &free_slots) <= 0) {
		atomic_fetch_add_relaxed(1, &free_slots);
		while (atomic_read(&free_slots) <= 0)
			;
	}
}
THREAD(a)
{
	take();
	WRITE_ONCE(x, READ_ONCE(x) + 1);
#ifndef KEEPS
	atomic_fetch_add_release(1, &free_slots);
#endif
}
THREAD(b)
{
	take();
	WRITE_ONCE(x, READ_ONCE(x) + 1);
	atomic_fetch_add_release(1, &free_slots);
}
FINALLY { assert(x == 2); }
