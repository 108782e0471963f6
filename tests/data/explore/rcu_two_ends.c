// SPDX-License-Identifier: GPL-2.0-or-later
// A section with two ends: on the early way out, and at the end. What is stored in it comes before the end of a grace
// period that found it open, and so before what is stored after that; nobody waits for ever for it to come later.
// @expect all: safe
// @expect[EARLY] all: safe
// @expect[BY_CONDITION] all: safe
// @expect[LEFT_OPEN] all: violation (lock misuse)
#include <ringtail.h>

static int *p, f, y;

INIT { p = kzalloc(sizeof(*p), GFP_KERNEL); }

static int *enter(void)
{
	rcu_read_lock();
	return rcu_dereference(p);
}

static void leave(void) { rcu_read_unlock(); }

THREAD(owner)
{
	int *q = p;

	WRITE_ONCE(p, NULL);
	synchronize_rcu();
	kfree(q);
	WRITE_ONCE(f, 1);
}

THREAD(reader)
{
#ifdef BY_CONDITION
	bool inside = READ_ONCE(p) != NULL;

	if (inside)
		rcu_read_lock();
	WRITE_ONCE(f, 2);
	if (inside)
		rcu_read_unlock();
	(void)enter;
	(void)leave;
#else
	int *q = enter();

	if (!q) {
#ifdef EARLY
		rcu_read_unlock();
#elif !defined(LEFT_OPEN)
		leave();
#endif
		return;
	}
	WRITE_ONCE(f, 2);
	leave();
#endif
}

FINALLY { assert(y == 0); }
