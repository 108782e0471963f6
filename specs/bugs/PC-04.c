// SPDX-License-Identifier: GPL-2.0-or-later
// An entry of the radix tree that covers several slots: the first has the item, the others point back to the first. An iterator
// that steps on skips what points to the slot that it comes from; when a larger entry is put there meanwhile, the slots
// point further back, and it takes such a pointer for a node below and follows it.
// The commit's hash is not certain and so left out; what raced is our reading of its subject.
// @source lib/radix-tree.c v4.16: skip_siblings(), __radix_tree_next_slot(), insert_entries()
// @bug PC-04 (v4.17) radix tree: fix multi-order iteration race
// @seed other: the seeds' tree has no entries of several slots
// @expect all: violation (assertion)
// @expect[FIX_PC_04] all: safe
#include <ringtail.h>

#define RADIX_TREE_MAP_SIZE 4
#define RADIX_TREE_INTERNAL_NODE 1UL
#define ITEM 5

struct item { int magic; };

struct radix_tree_node { void *slots[RADIX_TREE_MAP_SIZE]; };

static struct radix_tree_node node;
static DEFINE_SPINLOCK(tree_lock);
static struct item small[2] = { { ITEM }, { ITEM } }, large = { ITEM };

#define node_to_entry(ptr) ((void *)((unsigned long)(ptr) | RADIX_TREE_INTERNAL_NODE))
#define entry_to_node(ptr) ((void *)((unsigned long)(ptr) & ~RADIX_TREE_INTERNAL_NODE))
#define radix_tree_is_internal_node(ptr) ((unsigned long)(ptr) & RADIX_TREE_INTERNAL_NODE)

#ifdef FIX_PC_04
static bool is_sibling_entry(struct radix_tree_node *parent, void *entry)
{
	void **ptr = entry_to_node(entry);

	return radix_tree_is_internal_node(entry) && ptr >= parent->slots && ptr < parent->slots + RADIX_TREE_MAP_SIZE;
}
#endif

INIT /* two entries of a slot each; the other slots are empty */
{
	node.slots[0] = &small[0];
	node.slots[1] = &small[1];
}

/* From the slot after that of the iterator on: the next that is the first of an entry. */
static void *skip_siblings(int *index)
{
#ifndef FIX_PC_04
	void *sib = node_to_entry(&node.slots[*index]);
#endif

	while (++*index < RADIX_TREE_MAP_SIZE) {
		void *entry = rcu_dereference(node.slots[*index]);

#ifdef FIX_PC_04
		if (entry && !is_sibling_entry(&node, entry))
			return entry;
#else
		if (entry && entry != sib)
			return entry;
#endif
	}
	return NULL;
}

THREAD(iterator)
{
	void *entry;
	int index = 0;

	rcu_read_lock();
	entry = rcu_dereference(node.slots[0]);
	while (entry) {
		/* an internal one is a node: the iterator would go down there */
		assert(!radix_tree_is_internal_node(entry));
		assert(((struct item *)entry)->magic == ITEM);
		entry = skip_siblings(&index);
	}
	rcu_read_unlock();
}

THREAD(writer)
{
	int i;

	spin_lock(&tree_lock);
	rcu_assign_pointer(node.slots[0], &large); /* radix_tree_delete(), radix_tree_insert() of order 2: insert_entries() */
	for (i = 1; i < RADIX_TREE_MAP_SIZE; i++)
		rcu_assign_pointer(node.slots[i], node_to_entry(&node.slots[0]));
	spin_unlock(&tree_lock);
}
