// SPDX-License-Identifier: GPL-2.0-or-later
// lastzero: N writers build a chain of counters, one reader looks for the last zero.
#include <ringtail.h>
#ifndef N
#define N 12
#endif
static atomic_t array[N + 1];
THREAD(reader)
{
	int i = N;

	while (atomic_read_acquire(&array[i]) != 0)
		i--;
	assert(i >= 0);
}
#define W(i) THREAD(w##i) { atomic_set_release(&array[i], atomic_read_acquire(&array[i - 1]) + 1); }
W(1) W(2) W(3) W(4) W(5) W(6) W(7) W(8) W(9) W(10) W(11) W(12)
#if N >= 15
W(13) W(14) W(15)
#endif
