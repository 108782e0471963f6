// SPDX-License-Identifier: GPL-2.0-or-later
// A bit of a flags word is a lock, as PG_locked is; other bits of the word change meanwhile.
// @expect all: safe
// @expect[CLEAR_WITHOUT_RELEASE] sc, tso: safe   lkmm: violation
// @expect[PLAIN_FLAGS] all: violation
#include <ringtail.h>

#define PG_locked 0
#define PG_dirty 1

static unsigned long flags;
static int mapping;

static void lock_it(void)
{
	while (test_and_set_bit_lock(PG_locked, &flags))
		while (test_bit(PG_locked, &flags))
			cpu_relax();
}

static void unlock_it(void)
{
#ifdef CLEAR_WITHOUT_RELEASE
	clear_bit(PG_locked, &flags);
#else
	clear_bit_unlock(PG_locked, &flags);
#endif
}

static void truncate(int value)
{
	lock_it();
	WRITE_ONCE(mapping, value);
	assert(READ_ONCE(mapping) == value);
	unlock_it();
}

THREAD(a) { truncate(1); }
THREAD(b) { truncate(2); }
THREAD(writer)
{
#ifdef PLAIN_FLAGS
	__set_bit(PG_dirty, &flags);
#else
	set_bit(PG_dirty, &flags);
#endif
}

FINALLY
{
	assert(test_bit(PG_dirty, &flags));
	assert(!test_bit(PG_locked, &flags));
}
