// SPDX-License-Identifier: GPL-2.0-or-later
// A ticket spin lock, as in include/asm-generic/ticket_spinlock.h: unlocking hands over with a release.
// @source include/asm-generic/ticket_spinlock.h v6.14: ticket_spin_lock(), ticket_spin_unlock()
// @expect all: safe
// @expect[RELAXED_UNLOCK] sc, tso: safe   lkmm: violation
#include <ringtail.h>

struct ticket_lock {
	atomic_t next;
	int owner;
};

static struct ticket_lock lock;
static int inside, total;

static void ticket_lock(struct ticket_lock *l)
{
	int mine = atomic_fetch_add(1, &l->next);

	while (smp_load_acquire(&l->owner) != mine)
		cpu_relax();
}

static void ticket_unlock(struct ticket_lock *l)
{
#ifdef RELAXED_UNLOCK
	WRITE_ONCE(l->owner, READ_ONCE(l->owner) + 1);
#else
	smp_store_release(&l->owner, READ_ONCE(l->owner) + 1);
#endif
}

static void work(void)
{
	ticket_lock(&lock);
	WRITE_ONCE(inside, READ_ONCE(inside) + 1);
	assert(READ_ONCE(inside) == 1);
	total = total + 1;
	WRITE_ONCE(inside, READ_ONCE(inside) - 1);
	ticket_unlock(&lock);
}

THREAD(a) { work(); }
THREAD(b) { work(); }
THREAD(c) { work(); }

FINALLY { assert(total == 3); }
