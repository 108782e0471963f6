// SPDX-License-Identifier: GPL-2.0-or-later
// szymanski: two threads enter Szymanski's critical section N times each; every store is fenced. Executions in which a
// thread would have to wait are not looked at.
#include <ringtail.h>
#ifndef N
#define N 4
#endif
static int flag[2], shared;
static void announce(int *mine, int state)
{
	WRITE_ONCE(*mine, state);
	smp_mb();
}
static void enter(int self, int *mine, int *other)
{
	int state;

	announce(mine, 1);
	assume(READ_ONCE(*other) < 3);
	announce(mine, 3);
	if (READ_ONCE(*other) == 1) {
		announce(mine, 2);
		assume(READ_ONCE(*other) == 4);
	}
	announce(mine, 4);
	assume(READ_ONCE(*other) < 2);

	WRITE_ONCE(shared, self);
	READ_ONCE(shared);
	assert(READ_ONCE(shared) == self);
	smp_mb();

	state = READ_ONCE(*other);
	assume(state < 2 || state > 3);
	WRITE_ONCE(*mine, 0);
}
THREAD(t0) { for (int i = 0; i < N; i++) enter(0, &flag[0], &flag[1]); }
THREAD(t1) { for (int i = 0; i < N; i++) enter(1, &flag[1], &flag[0]); }
