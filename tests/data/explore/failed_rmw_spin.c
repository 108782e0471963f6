// SPDX-License-Identifier: GPL-2.0-or-later
// A loop that waits for a conditional read-modify-write to succeed, which it did once and then never does.
// @expect all: violation (deadlock)
// @expect[CMPXCHG] all: violation (deadlock)
// @expect[COMES_BACK] all: safe
#include <ringtail.h>

static atomic_t count = ATOMIC_INIT(1);

THREAD(getter)
{
#ifdef CMPXCHG
	while (atomic_cmpxchg(&count, 1, 2) != 1)
#else
	while (!atomic_inc_not_zero(&count))
#endif
		cpu_relax();
}

THREAD(freer)
{
	atomic_set(&count, 0);
#ifdef COMES_BACK
	atomic_set(&count, 1);
#endif
}
