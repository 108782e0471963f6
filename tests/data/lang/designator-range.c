// SPDX-License-Identifier: GPL-2.0-or-later
// A range of designators gives each of its elements the value, which is evaluated once; __auto_type takes the type of its value.
// @expect all: safe
#include <ringtail.h>

static const int table[] = { [0 ... 2] = 7, [4] = 1 };
static struct {
	int n[3];
} holder = { .n[1 ... 2] = 5 };
_Static_assert(sizeof(table) == 5 * sizeof(int), "as long as its last element says");

THREAD(t)
{
	int copy[3] = { [0 ... 1] = READ_ONCE(holder.n[2]), 9 };
	__auto_type p = &table[4];
	typeof_unqual(*p) v = *p;

	assert(copy[0] + copy[1] + copy[2] + v == 20);
}
