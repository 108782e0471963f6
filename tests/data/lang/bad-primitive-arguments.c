// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static int x;
static atomic_t a;
THREAD(t)
{
	smp_mb(1);
	READ_ONCE();
	WRITE_ONCE(x);
	atomic_inc();
	cmpxchg(&x, 1);
	assert(1, 2);
	choose(1);
	choose(2, 1);
}
