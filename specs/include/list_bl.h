// SPDX-License-Identifier: GPL-2.0-or-later
// Hash chains whose lock is the lowest bit of the chain's head, for specs that include <list_bl.h>. The head's first pointer
// and the lock are one word: a reader without the lock masks the bit.
// After include/linux/list_bl.h and rculist_bl.h v6.6.
#pragma once
#include <ringtail.h>

#define LIST_BL_LOCKMASK 1UL

struct hlist_bl_node { struct hlist_bl_node *next, **pprev; };
struct hlist_bl_head { struct hlist_bl_node *first; };

#define INIT_HLIST_BL_HEAD(ptr) ((ptr)->first = NULL)
#define hlist_bl_lock(b) bit_spin_lock(0, (unsigned long *)(b))
#define hlist_bl_unlock(b) __bit_spin_unlock(0, (unsigned long *)(b))
#define hlist_bl_is_locked(b) bit_spin_is_locked(0, (unsigned long *)(b))
#define __rt_bl_masked(p) ((struct hlist_bl_node *)((unsigned long)(p) & ~LIST_BL_LOCKMASK))

static inline void INIT_HLIST_BL_NODE(struct hlist_bl_node *n)
{
	n->next = NULL;
	n->pprev = NULL;
}

static inline bool hlist_bl_unhashed(const struct hlist_bl_node *n)
{
	return !n->pprev;
}

#define hlist_bl_first(h) __rt_bl_masked(READ_ONCE((h)->first))
#define hlist_bl_first_rcu(h) __rt_bl_masked(rcu_dereference((h)->first))
#define hlist_bl_empty(h) (hlist_bl_first(h) == NULL)

// With the lock held, which stays held.
static inline void hlist_bl_set_first(struct hlist_bl_head *h, struct hlist_bl_node *n)
{
	WRITE_ONCE(h->first, (struct hlist_bl_node *)((unsigned long)n | LIST_BL_LOCKMASK));
}

static inline void hlist_bl_add_head(struct hlist_bl_node *n, struct hlist_bl_head *h)
{
	struct hlist_bl_node *first = hlist_bl_first(h);

	n->next = first;
	if (first)
		first->pprev = &n->next;
	n->pprev = &h->first;
	hlist_bl_set_first(h, n);
}

static inline void hlist_bl_add_head_rcu(struct hlist_bl_node *n, struct hlist_bl_head *h)
{
	struct hlist_bl_node *first = hlist_bl_first(h);

	n->next = first;
	if (first)
		first->pprev = &n->next;
	n->pprev = &h->first;
	rcu_assign_pointer(h->first, (struct hlist_bl_node *)((unsigned long)n | LIST_BL_LOCKMASK));
}

static inline void __hlist_bl_del(struct hlist_bl_node *n)
{
	struct hlist_bl_node *next = n->next;
	struct hlist_bl_node **pprev = n->pprev;

	WRITE_ONCE(*pprev, (struct hlist_bl_node *)((unsigned long)next | ((unsigned long)*pprev & LIST_BL_LOCKMASK)));
	if (next)
		next->pprev = pprev;
}

static inline void hlist_bl_del(struct hlist_bl_node *n)
{
	__hlist_bl_del(n);
	n->next = LIST_POISON1;
	n->pprev = LIST_POISON2;
}

static inline void hlist_bl_del_rcu(struct hlist_bl_node *n)
{
	__hlist_bl_del(n);
	n->pprev = LIST_POISON2;
}

static inline void hlist_bl_del_init(struct hlist_bl_node *n)
{
	if (!hlist_bl_unhashed(n)) {
		__hlist_bl_del(n);
		INIT_HLIST_BL_NODE(n);
	}
}

#define hlist_bl_entry(ptr, type, member) container_of(ptr, type, member)
#define hlist_bl_for_each_entry(tpos, pos, head, member) \
	for (pos = hlist_bl_first(head); pos && ({ tpos = hlist_bl_entry(pos, __typeof__(*tpos), member); 1; }); \
	     pos = pos->next)
#define hlist_bl_for_each_entry_rcu(tpos, pos, head, member) \
	for (pos = hlist_bl_first_rcu(head); pos && ({ tpos = hlist_bl_entry(pos, __typeof__(*tpos), member); 1; }); \
	     pos = rcu_dereference(pos->next))
