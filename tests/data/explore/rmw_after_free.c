// SPDX-License-Identifier: GPL-2.0-or-later
// A read-modify-write of an object that is freed without waiting for it, in a program with a grace period elsewhere.
// @expect all: violation (use after free)
// @expect[SECTION] all: safe
#include <ringtail.h>

static struct foo {
	atomic_t n;
} *p;

INIT
{
	p = kmalloc(sizeof(*p), GFP_KERNEL);
	atomic_set(&p->n, 0);
}

THREAD(user)
{
	struct foo *q;

#ifdef SECTION
	rcu_read_lock();
#endif
	q = rcu_dereference(p);
	if (q)
		atomic_inc(&q->n);
#ifdef SECTION
	rcu_read_unlock();
#endif
}

THREAD(freer)
{
	struct foo *q = p;

	rcu_assign_pointer(p, NULL);
	synchronize_rcu();
	kfree(q);
}
