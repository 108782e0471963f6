// SPDX-License-Identifier: GPL-2.0-or-later
// A module goes while its objects wait for a grace period: what frees them comes to a cache that is no more.
// @expect all: violation (use after free)
// @expect[FIX] all: safe
#define RCU_BARRIER
#include <ringtail.h>

struct fdb {
	struct rcu_head rcu;
	struct hlist_node node;
	int port;
};

static struct kmem_cache *fdb_cache;
static struct hlist_head fdbs;

static void fdb_rcu_free(struct rcu_head *head)
{
	kmem_cache_free(fdb_cache, container_of(head, struct fdb, rcu));
}

INIT
{
	struct fdb *f;

	fdb_cache = kmem_cache_create("fdb", sizeof(struct fdb), 0, SLAB_HWCACHE_ALIGN, NULL);
	f = kmem_cache_zalloc(fdb_cache, GFP_KERNEL);
	hlist_add_head_rcu(&f->node, &fdbs);
}

THREAD(exit)
{
	struct fdb *f = hlist_entry(fdbs.first, struct fdb, node);

	hlist_del_rcu(&f->node);
	call_rcu(&f->rcu, fdb_rcu_free);
#ifdef FIX
	rcu_barrier();
#endif
	kmem_cache_destroy(fdb_cache);
}

THREAD(receive)
{
	struct fdb *f;

	rcu_read_lock();
	hlist_for_each_entry_rcu(f, &fdbs, node)
		assert(!f->port);
	rcu_read_unlock();
}
