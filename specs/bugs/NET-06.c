// SPDX-License-Identifier: GPL-2.0-or-later
// A socket leaves the table of connections, is freed and allocated again as one that listens, while someone who looks a
// connection up stands on it: the chain that he goes on along ends with NULL, not with a number.
// @source net/ipv4/inet_hashtables.c v5.4: __inet_lookup_established(), __inet_hash(), inet_unhash()
// @bug NET-06 8dbd76e79a16b45b2ccb01d2f2e08dbf64e71e40 (v5.5) tcp/dccp: fix possible race __inet_lookup_established()
// @expect all: violation (out of bounds)
// @expect[FIX_NET_06] all: safe
#define SLAB_REUSE
#include <ringtail.h>
#include <list_nulls.h>

#define LISTENING_NULLS_BASE (1U << 29)

struct sock {
	union {
		struct hlist_node skc_node;
		struct hlist_nulls_node skc_nulls_node;
	};
	int skc_hash;
	refcount_t skc_refcnt;
};

static struct kmem_cache *tcp_prot_slab;
static struct hlist_nulls_head ehash;
static spinlock_t ehash_lock, listening_lock;
#ifdef FIX_NET_06
static struct hlist_nulls_head listening_hash;
#else
static struct hlist_head listening_hash;
#endif
static struct sock *connected;

INIT
{
	tcp_prot_slab = kmem_cache_create("TCP", sizeof(struct sock), 0, SLAB_TYPESAFE_BY_RCU, NULL);
	INIT_HLIST_NULLS_HEAD(&ehash, 0);
#ifdef FIX_NET_06
	INIT_HLIST_NULLS_HEAD(&listening_hash, LISTENING_NULLS_BASE);
#endif
	connected = kmem_cache_alloc(tcp_prot_slab, GFP_KERNEL);
	WRITE_ONCE(connected->skc_hash, 1);
	refcount_set(&connected->skc_refcnt, 1);
	hlist_nulls_add_head_rcu(&connected->skc_nulls_node, &ehash);
}

static struct sock *__inet_lookup_established(int hash)
{
	const struct hlist_nulls_node *node;
	struct sock *sk;

begin:
	hlist_nulls_for_each_entry_rcu(sk, node, &ehash, skc_nulls_node) {
		if (READ_ONCE(sk->skc_hash) != hash)
			continue;
		if (unlikely(!refcount_inc_not_zero(&sk->skc_refcnt)))
			goto out;
		if (unlikely(READ_ONCE(sk->skc_hash) != hash)) {
			refcount_dec(&sk->skc_refcnt);
			goto begin;
		}
		return sk;
	}
	if (get_nulls_value(node) != 0)
		goto begin;
out:
	return NULL;
}

THREAD(tcp_v4_rcv)
{
	rcu_read_lock();
	__inet_lookup_established(2);
	rcu_read_unlock();
}

THREAD(close_and_listen)
{
	struct sock *sk;

	spin_lock(&ehash_lock); /* inet_unhash() */
	hlist_nulls_del_init_rcu(&connected->skc_nulls_node);
	spin_unlock(&ehash_lock);
	if (refcount_dec_and_test(&connected->skc_refcnt))
		kmem_cache_free(tcp_prot_slab, connected);

	sk = kmem_cache_alloc(tcp_prot_slab, GFP_KERNEL);
	WRITE_ONCE(sk->skc_hash, 3);
	spin_lock(&listening_lock); /* __inet_hash() */
#ifdef FIX_NET_06
	hlist_nulls_add_head_rcu(&sk->skc_nulls_node, &listening_hash);
#else
	hlist_add_head_rcu(&sk->skc_node, &listening_hash);
#endif
	spin_unlock(&listening_lock);
	refcount_set(&sk->skc_refcnt, 1);
}
