// SPDX-License-Identifier: GPL-2.0-or-later
// What runs alone is held to the bounds of objects as threads are.
// @expect all: safe
// @expect[INIT_ARRAY] all: violation (out of bounds)
// @expect[INIT_FREED] all: violation (use after free)
// @expect[FINAL_ARRAY] all: violation (out of bounds)
// @expect[FINAL_FREED] all: violation (use after free)
// @expect[INVARIANT_ARRAY] all: violation (invariant)
#include <ringtail.h>

static int a[4];
static int n = 4;
static struct foo {
	int x;
} *p;

INIT
{
	p = kmalloc(sizeof(*p), GFP_KERNEL);
	p->x = 1;
#ifdef INIT_ARRAY
	a[n] = 1;
#endif
#ifdef INIT_FREED
	kfree(p);
	p->x = 2;
#endif
}

THREAD(x)
{
	WRITE_ONCE(a[0], 1);
#ifdef FINAL_FREED
	kfree(p);
#endif
}

FINALLY
{
#ifdef FINAL_ARRAY
	a[n] = 1;
#endif
	assert(p->x == 1);
}

#ifdef INVARIANT_ARRAY
INVARIANT(inside, a[a[0] ? n : 0] == 0);
#else
INVARIANT(small, a[0] < 2);
#endif
