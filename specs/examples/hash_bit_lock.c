// SPDX-License-Identifier: GPL-2.0-or-later
// The dentry cache's chains: the lock is a bit of the pointer at the chain's head.
// @expect all: safe
// @expect[NO_LOCK] all: violation (assertion)
#include <ringtail.h>
#include <list_bl.h>

struct dentry { struct hlist_bl_node d_hash; };

static struct hlist_bl_head b;
static struct dentry x, y;

static void d_rehash(struct dentry *d)
{
#ifndef NO_LOCK
	hlist_bl_lock(&b);
	hlist_bl_add_head_rcu(&d->d_hash, &b);
	hlist_bl_unlock(&b);
#else
	d->d_hash.next = READ_ONCE(b.first);
	smp_store_release(&b.first, &d->d_hash);
#endif
}

THREAD(one) { d_rehash(&x); }
THREAD(other) { d_rehash(&y); }

FINALLY
{
	struct dentry *d;
	struct hlist_bl_node *node;
	int n = 0;

	hlist_bl_for_each_entry_rcu(d, node, &b, d_hash)
		n++;
	assert(n == 2);
}
