// SPDX-License-Identifier: GPL-2.0-or-later
// Two locks, taken in two orders.
// @expect all: violation (deadlock)
// @expect[FIX_ORDER] all: safe
#include <ringtail.h>

static DEFINE_SPINLOCK(a);
static DEFINE_SPINLOCK(b);
static int moved;

THREAD(forth)
{
	spin_lock(&a);
	spin_lock(&b);
	moved++;
	spin_unlock(&b);
	spin_unlock(&a);
}

THREAD(back)
{
#ifdef FIX_ORDER
	spin_lock(&a);
	spin_lock(&b);
#else
	spin_lock(&b);
	spin_lock(&a);
#endif
	moved--;
	spin_unlock(&a);
	spin_unlock(&b);
}

FINALLY { assert(moved == 0); }
