// SPDX-License-Identifier: GPL-2.0-or-later
// Two locks, taken in opposite orders.
// @expect all: violation (deadlock)
// @expect[SAME_ORDER] all: safe
#include <ringtail.h>

static DEFINE_SPINLOCK(first);
static DEFINE_SPINLOCK(second);

THREAD(one)
{
	spin_lock(&first);
	spin_lock(&second);
	spin_unlock(&second);
	spin_unlock(&first);
}

THREAD(two)
{
#ifdef SAME_ORDER
	spin_lock(&first);
	spin_lock(&second);
#else
	spin_lock(&second);
	spin_lock(&first);
#endif
	spin_unlock(&second);
	spin_unlock(&first);
}
