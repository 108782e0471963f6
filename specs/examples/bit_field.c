// SPDX-License-Identifier: GPL-2.0-or-later
// Two bit-fields of one word, each with its own writer: a store of one takes the other's back.
// @source include/linux/sched.h v3.16: struct task_struct, task_set_no_new_privs()
// @expect sc, tso: violation (assertion)   lkmm: violation (data race)
// @expect[FIX_ATOMIC_FLAGS] all: safe
#include <ringtail.h>

#define PFA_NO_NEW_PRIVS 0

struct task {
	unsigned sched_reset_on_fork : 1;
	unsigned no_new_privs : 1;
	unsigned long atomic_flags;
};

static struct task child;

static void task_set_no_new_privs(struct task *p)
{
#ifdef FIX_ATOMIC_FLAGS
	set_bit(PFA_NO_NEW_PRIVS, &p->atomic_flags);
#else
	p->no_new_privs = 1;
#endif
}

static bool task_no_new_privs(struct task *p)
{
#ifdef FIX_ATOMIC_FLAGS
	return test_bit(PFA_NO_NEW_PRIVS, &p->atomic_flags);
#else
	return p->no_new_privs;
#endif
}

/* seccomp: another thread of the process sets it, without the owner's knowledge */
THREAD(seccomp_sync) { task_set_no_new_privs(&child); }

THREAD(sched_setscheduler) { child.sched_reset_on_fork = 1; }

FINALLY
{
	assert(child.sched_reset_on_fork);
	assert(task_no_new_privs(&child));
}
