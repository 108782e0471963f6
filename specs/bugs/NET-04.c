// SPDX-License-Identifier: GPL-2.0-or-later
// A connection that is looked up is freed and allocated again for another: its reference is counted before its tuple is
// seen, and the look at the tuple afterwards finds the old one.
// @source net/netfilter/nf_conntrack_core.c v2.6.30: nf_conntrack_find_get(), nf_conntrack_alloc(), nf_conntrack_free()
// @bug NET-04 941297f443f871b8c3372feccf27a8733f6ce9e9 (v2.6.31) netfilter: nf_conntrack: nf_conntrack_alloc() fixes
// @expect sc, tso: safe   lkmm: violation (assertion)
// @expect[FIX_NET_04] all: safe
// @expect[NO_SECOND_LOOK] all: violation (assertion)
#define SLAB_REUSE
#include <ringtail.h>
#include <list_nulls.h>

struct nf_conn {
	atomic_t use;
	int tuple;
	struct hlist_nulls_node hnnode;
};

static struct kmem_cache *nf_conntrack_cachep;
static struct hlist_nulls_head hash;

INIT
{
	struct nf_conn *ct;

	nf_conntrack_cachep = kmem_cache_create("nf_conntrack", sizeof(struct nf_conn), 0, SLAB_DESTROY_BY_RCU, NULL);
	INIT_HLIST_NULLS_HEAD(&hash, 0);
	ct = kmem_cache_alloc(nf_conntrack_cachep, GFP_ATOMIC);
	ct->tuple = 1;
	atomic_set(&ct->use, 1);
	hlist_nulls_add_head_rcu(&ct->hnnode, &hash);
}

static void nf_ct_put(struct nf_conn *ct)
{
	if (atomic_dec_and_test(&ct->use))
		kmem_cache_free(nf_conntrack_cachep, ct);
}

static struct nf_conn *nf_conntrack_find_get(int tuple)
{
	struct nf_conn *ct, *found = NULL;
	struct hlist_nulls_node *n;

	rcu_read_lock();
	hlist_nulls_for_each_entry_rcu(ct, n, &hash, hnnode) {
		if (READ_ONCE(ct->tuple) != tuple)
			continue;
		if (!atomic_inc_not_zero(&ct->use))
			break;
#ifndef NO_SECOND_LOOK
		if (READ_ONCE(ct->tuple) != tuple) {
			nf_ct_put(ct);
			break;
		}
#endif
		found = ct;
		break;
	}
	rcu_read_unlock();
	return found;
}

THREAD(packet)
{
	struct nf_conn *ct = nf_conntrack_find_get(1);

	if (ct) {
		assert(READ_ONCE(ct->tuple) == 1); /* whose reference is held, stays what it is */
		nf_ct_put(ct);
	}
}

THREAD(recycle)
{
	struct nf_conn *ct = hlist_nulls_entry(hash.first, struct nf_conn, hnnode);

	hlist_nulls_del_rcu(&ct->hnnode);
	nf_ct_put(ct);
	ct = kmem_cache_alloc(nf_conntrack_cachep, GFP_ATOMIC);
	WRITE_ONCE(ct->tuple, 2);
#ifdef FIX_NET_04
	smp_wmb();
#endif
	atomic_set(&ct->use, 1);
}
