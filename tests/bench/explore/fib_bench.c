// SPDX-License-Identifier: GPL-2.0-or-later
// fib_bench: two threads add to each other's number, N times; a third looks at both.
#include <ringtail.h>
#ifndef N
#define N 4
#endif
static int x = 1, y = 1;
THREAD(one)
{
	int i;

	for (i = 0; i < N; i++)
		smp_store_release(&x, smp_load_acquire(&x) + smp_load_acquire(&y));
}
THREAD(two)
{
	int i;

	for (i = 0; i < N; i++)
		smp_store_release(&y, smp_load_acquire(&x) + smp_load_acquire(&y));
}
THREAD(looks)
{
	assert(smp_load_acquire(&x) < 1000);
	assert(smp_load_acquire(&y) < 1000);
}
