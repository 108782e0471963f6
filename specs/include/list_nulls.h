// SPDX-License-Identifier: GPL-2.0-or-later
// Hash chains that end in a number and not in NULL, for specs that include <list_nulls.h>: a reader under RCU that was carried
// to another chain, because its object was freed and used again or moved, finds that chain's number at the end and
// begins again.
// After include/linux/list_nulls.h and rculist_nulls.h v6.6.
#pragma once
#include <ringtail.h>

struct hlist_nulls_node { struct hlist_nulls_node *next, **pprev; };
struct hlist_nulls_head { struct hlist_nulls_node *first; };

#define NULLS_MARKER(value) (1UL | ((unsigned long)(value) << 1))
#define INIT_HLIST_NULLS_HEAD(ptr, nulls) ((ptr)->first = (struct hlist_nulls_node *)NULLS_MARKER(nulls))
#define HLIST_NULLS_HEAD_INIT(nulls) { .first = (struct hlist_nulls_node *)NULLS_MARKER(nulls) }
#define is_a_nulls(ptr) ((unsigned long)(ptr) & 1)
#define get_nulls_value(ptr) ((unsigned long)(ptr) >> 1)

static inline int hlist_nulls_unhashed(const struct hlist_nulls_node *n)
{
	return !n->pprev;
}

static inline int hlist_nulls_empty(const struct hlist_nulls_head *h)
{
	return (int)is_a_nulls(READ_ONCE(h->first));
}

static inline void hlist_nulls_add_head_rcu(struct hlist_nulls_node *n, struct hlist_nulls_head *h)
{
	struct hlist_nulls_node *first = h->first;

	WRITE_ONCE(n->next, first);
	WRITE_ONCE(n->pprev, &h->first);
	rcu_assign_pointer(h->first, n);
	if (!is_a_nulls(first))
		WRITE_ONCE(first->pprev, &n->next);
}

#define hlist_nulls_add_head(n, h) hlist_nulls_add_head_rcu(n, h)

static inline void __hlist_nulls_del(struct hlist_nulls_node *n)
{
	struct hlist_nulls_node *next = n->next;
	struct hlist_nulls_node **pprev = n->pprev;

	WRITE_ONCE(*pprev, next);
	if (!is_a_nulls(next))
		WRITE_ONCE(next->pprev, pprev);
}

static inline void hlist_nulls_del_rcu(struct hlist_nulls_node *n)
{
	__hlist_nulls_del(n);
	WRITE_ONCE(n->pprev, LIST_POISON2);
}

#define hlist_nulls_del(n) hlist_nulls_del_rcu(n)

static inline void hlist_nulls_del_init_rcu(struct hlist_nulls_node *n)
{
	if (!hlist_nulls_unhashed(n)) {
		__hlist_nulls_del(n);
		WRITE_ONCE(n->pprev, NULL);
	}
}

#define hlist_nulls_entry(ptr, type, member) container_of(ptr, type, member)
#define hlist_nulls_first_rcu(head) ((head)->first)
#define hlist_nulls_next_rcu(node) ((node)->next)
#define hlist_nulls_for_each_entry(tpos, pos, head, member) \
	for (pos = (head)->first; \
	     !is_a_nulls(pos) && ({ tpos = hlist_nulls_entry(pos, __typeof__(*tpos), member); 1; }); pos = pos->next)
#define hlist_nulls_for_each_entry_rcu(tpos, pos, head, member) \
	for (pos = rcu_dereference((head)->first); \
	     !is_a_nulls(pos) && ({ tpos = hlist_nulls_entry(pos, __typeof__(*tpos), member); 1; }); \
	     pos = rcu_dereference(pos->next))
