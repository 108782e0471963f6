// SPDX-License-Identifier: GPL-2.0-or-later
// A socket moves to another chain while somebody looks along the first: he goes on in the other and finds what he looks
// for no more. The number at the chain's end tells him.
// @source net/ipv4/udp.c v2.6.29: __udp4_lib_lookup()
// @expect all: violation (assertion)
// @expect[FIX_NULLS] all: safe
#include <ringtail.h>
#include <list_nulls.h>

struct sock {
	struct hlist_nulls_node sk_nulls_node;
	int port;
};

static struct hlist_nulls_head chains[2] = { HLIST_NULLS_HEAD_INIT(0), HLIST_NULLS_HEAD_INIT(1) };
static DEFINE_SPINLOCK(hash_lock);
static struct sock moves = { .port = 1 }, stays = { .port = 2 };

INIT
{
	hlist_nulls_add_head_rcu(&stays.sk_nulls_node, &chains[0]);
	hlist_nulls_add_head_rcu(&moves.sk_nulls_node, &chains[0]);
}

static struct sock *lookup(unsigned int slot, int port)
{
	struct hlist_nulls_node *node;
	struct sock *sk;

	rcu_read_lock();
#ifdef FIX_NULLS
begin:
#endif
	hlist_nulls_for_each_entry_rcu(sk, node, &chains[slot], sk_nulls_node)
		if (sk->port == port)
			goto found;
#ifdef FIX_NULLS
	if (get_nulls_value(node) != slot)
		goto begin;
#endif
	sk = NULL;
found:
	rcu_read_unlock();
	return sk;
}

THREAD(rehash)
{
	spin_lock(&hash_lock);
	hlist_nulls_del_init_rcu(&moves.sk_nulls_node);
	hlist_nulls_add_head_rcu(&moves.sk_nulls_node, &chains[1]);
	spin_unlock(&hash_lock);
}

THREAD(receive) { assert(lookup(0, 2)); }
