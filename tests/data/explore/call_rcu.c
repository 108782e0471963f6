// SPDX-License-Identifier: GPL-2.0-or-later
// A reader of an RCU-protected object, and an updater that frees it after a grace period.
// @expect all: safe
// @expect[NO_READ_LOCK] all: violation (use after free)
// @expect[NO_GRACE_PERIOD] all: violation (use after free)
#include <ringtail.h>

struct foo {
	int a;
	struct rcu_head rcu;
};
static struct foo *gp;

INIT
{
	struct foo *p = kmalloc(sizeof(*p), GFP_KERNEL);

	p->a = 1;
	gp = p;
}

static void reclaim(struct rcu_head *head)
{
	kfree(container_of(head, struct foo, rcu));
}

THREAD(reader)
{
	struct foo *p;

#ifndef NO_READ_LOCK
	rcu_read_lock();
#endif
	p = rcu_dereference(gp);
	if (p)
		assert(READ_ONCE(p->a) == 1);
#ifndef NO_READ_LOCK
	rcu_read_unlock();
#endif
}

THREAD(updater)
{
	struct foo *p = gp;

	rcu_assign_pointer(gp, NULL);
#ifdef NO_GRACE_PERIOD
	kfree(p);
#else
	call_rcu(&p->rcu, reclaim);
#endif
}
