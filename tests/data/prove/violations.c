// SPDX-License-Identifier: GPL-2.0-or-later
// What can go wrong in a proof, one thing each.
#include <ringtail.h>

static int table[4], neighbour[4];
static DEFINE_SPINLOCK(lock);

PROOF(holds)
{
	unsigned n = choose(0U, ~0U);

	table[n > 3 ? 3 : n] = 1;
	assert(neighbour[0] == 0);
}

static int two_ways(int n)
{
	if (n > 2)
		return n - 1;
	table[0] = n;
	return 2 * n;
}

PROOF(ways_meet)
{
	int n = choose(-9, 9), twice;

	twice = two_ways(n);
	assert(twice == (n > 2 ? n - 1 : 2 * n));
	assert(table[0] == (n > 2 ? 0 : n));
}

PROOF(assertion)
{
	unsigned long n = choose(0UL, ~0UL);

	assert(n * 32 / 32 == n);
}

/* the place that it lands in is an object, but not the one that the pointer was made of */
PROOF(another_object)
{
	int i = choose(-100, 100);

	assume(i >= 6 && i < 8);
	table[i] = 1;
}

PROOF(division)
{
	int n = choose(-10, 10);

	neighbour[0] = 100 / n;
}

PROOF(use_after_free)
{
	int *p = kmalloc(2 * sizeof(*p), GFP_KERNEL);

	if (choose(0, 1))
		kfree(p);
	p[1] = 1;
	kfree(p);
}

PROOF(lock_is_kept)
{
	spin_lock(&lock);
	if (choose(0, 9) != 7)
		spin_unlock(&lock);
}

PROOF(loop_goes_on)
{
	int i, n = choose(0, 1000), sum = 0;

	for (i = 0; i < n; i++)
		sum += i;
	assert(sum >= 0);
}

PROOF(nothing_is_proved)
{
	int n = choose(0, 9);

	assume(n > 10);
	assert(n == 0);
}
