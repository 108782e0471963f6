// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
struct a { int x; };
struct b { int x; };
static struct a a;
THREAD(t)
{
	struct b *p = &a;
	int *q = 5;
	long n = &a;
	int *r = &a.x;
	long *s = r;
	assert(p == &a);
	assert(r == 7);
	assert(p + r);
	assert(p * 2);
}
