// SPDX-License-Identifier: GPL-2.0-or-later
// A module that goes away must wait for its callbacks, not only for a grace period: they use what it is about to free.
// @expect all: safe
// @expect[NO_BARRIER] all: violation (use after free)
// @expect[GRACE_PERIOD_ONLY] all: violation (use after free)
#define RCU_BARRIER
#include <ringtail.h>

struct pool {
	atomic_t returned;
};

struct entry {
	struct pool *pool;
	struct rcu_head rcu;
};

static struct pool *pool;
static struct entry *entry;

INIT
{
	pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	entry->pool = pool;
}

static void entry_free(struct rcu_head *head)
{
	struct entry *e = container_of(head, struct entry, rcu);

	atomic_inc(&e->pool->returned);
	kfree(e);
}

THREAD(reader)
{
	struct entry *e;

	rcu_read_lock();
	e = rcu_dereference(entry);
	if (e)
		BUG_ON(READ_ONCE(e->pool) == NULL);
	rcu_read_unlock();
}

THREAD(module_exit)
{
	struct entry *e = entry;

	rcu_assign_pointer(entry, NULL);
	call_rcu(&e->rcu, entry_free);
#ifdef GRACE_PERIOD_ONLY
	synchronize_rcu();
#elif !defined(NO_BARRIER)
	rcu_barrier();
#endif
	kfree(pool);
}
