// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
struct two { int a, b; };
static struct two two;
static int x, *p;
static atomic_t a;
THREAD(t)
{
	int v = READ_ONCE(two);
	v = smp_load_acquire(x);
	smp_store_release(&two, 1);
	atomic_inc(x);
	atomic_add(&x, &a);
	WRITE_ONCE(p, 1);
	WRITE_ONCE(1, v);
	xchg(&two, 1);
	try_cmpxchg(&x, 1, 2);
	v = smp_mb();
	v = atomic_inc(&a);
	kfree(v);
	call_rcu(&two, kfree);
}
