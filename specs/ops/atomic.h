// SPDX-License-Identifier: GPL-2.0-or-later
// Where an operation is knowingly not atomic: points at which `ringtail check --refines` lets others run when it asks how
// operations end one after the other. Each point belongs to a rule, a macro NOT_ATOMIC_... that is tested where the point is;
// elsewhere, and in every other check, a point is nothing.
//
// At a point a thread may step back until the other operation has ended, or has got to a point of its own and steps back.
#pragma once

#define UNFINISHED LONG_MIN

#ifdef RINGTAIL_ATOMIC_SIDE

static int stepped_back;

INIT
{
	int i;

	for (i = 0; i < MAX_OPS; i++)
		result[i] = UNFINISHED;
}

static inline int unfinished_operations(void)
{
	int i, n = 0;

	for (i = 0; i < MAX_OPS; i++)
		n += READ_ONCE(result[i]) == UNFINISHED;
	return n;
}

static inline void atomic_point(void)
{
	int unfinished, turn;

	if (!choose(0, 1))
		return;
	unfinished = unfinished_operations();
	assume(unfinished > 1);
	turn = READ_ONCE(stepped_back) + 1;
	WRITE_ONCE(stepped_back, turn);
	while (unfinished_operations() == unfinished && READ_ONCE(stepped_back) == turn)
		cpu_relax();
}
#else
#define atomic_point() do { } while (0)
#endif
