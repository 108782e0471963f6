// SPDX-License-Identifier: GPL-2.0-or-later
// A polled grace period: its number is taken when the object can no longer be found. Taken before, it may be one that a reader
// who found the object has come after.
// @expect all: safe
// @expect[TOO_EARLY] all: violation (use after free)
#include <ringtail.h>

static int *shared;

INIT
{
	shared = kmalloc(sizeof(*shared), GFP_KERNEL);
	*shared = 1;
}

THREAD(updater)
{
	int *old = shared;
	unsigned long state;

#ifdef TOO_EARLY
	state = get_state_synchronize_rcu();
	rcu_assign_pointer(shared, NULL);
#else
	rcu_assign_pointer(shared, NULL);
	state = get_state_synchronize_rcu();
#endif
	if (!poll_state_synchronize_rcu(state))
		cond_synchronize_rcu(state);
	kfree(old);
}

THREAD(reader)
{
	int *p;

	rcu_read_lock();
	p = rcu_dereference(shared);
	if (p)
		assert(READ_ONCE(*p) == 1);
	rcu_read_unlock();
}
