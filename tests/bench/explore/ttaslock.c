// SPDX-License-Identifier: GPL-2.0-or-later
// ttaslock: N threads take a test-and-test-and-set lock once.
#include <ringtail.h>
#ifndef N
#define N 4
#endif
static int state, shared;
#define T(i) THREAD(t##i)                             \
	{                                             \
		for (;;) {                            \
			while (READ_ONCE(state))      \
				;                     \
			if (!xchg(&state, 1))         \
				break;                \
		}                                     \
		WRITE_ONCE(shared, i);                \
		assert(READ_ONCE(shared) == i);       \
		smp_store_release(&state, 0);         \
	}
T(1) T(2) T(3) T(4)
#if N >= 5
T(5)
#endif
