// SPDX-License-Identifier: GPL-2.0-or-later
// The radix tree with lockless readers: commit 7cf9c2c76c1a (v2.6.20), with the low bit where v2.6.26 to v2.6.37 have it, on
// pointers to nodes. Writers exclude each other by a lock of the caller's; readers are under rcu_read_lock() and rely on this:
//
//   a node is written before it is visible (rcu_assign_pointer()), and freed after a grace period;
//   its height never changes, the tree grows and shrinks at the top only: what was the root node stays a valid subtree;
//   a reader copies each pointer once, and finds it NULL or valid;
//   height 0 has no node: root->rnode is the item itself, told by its low bit being clear.
//
// Nodes have two slots here, so that a tree of two levels holds four items: everything that can happen at the top happens
// with one or two items.
//
// @source lib/radix-tree.c v2.6.20, v2.6.26, v2.6.37; include/linux/radix-tree.h
#pragma once
#include <ringtail.h>

#define RADIX_TREE_MAP_SHIFT 1
#define RADIX_TREE_MAP_SIZE (1UL << RADIX_TREE_MAP_SHIFT)
#define RADIX_TREE_MAP_MASK (RADIX_TREE_MAP_SIZE - 1)
#define RADIX_TREE_MAX_PATH 2
#define RADIX_TREE_MAX_TAGS 1
#define RADIX_TREE_INDIRECT_PTR 1UL

struct radix_tree_node {
	unsigned int height; /* from the bottom */
	unsigned int count;
	void *slots[RADIX_TREE_MAP_SIZE];
	unsigned long tags[RADIX_TREE_MAX_TAGS]; /* a bit a slot */
	struct rcu_head rcu_head;
};

struct radix_tree_root {
	unsigned int height; /* for writers: readers take the node's */
	unsigned long tags;  /* a bit a tag: some item has it */
	void *rnode;
};

struct radix_tree_path {
	struct radix_tree_node *node;
	unsigned int offset;
};

#define RADIX_TREE(name) struct radix_tree_root name = { 0, 0, NULL }
#define radix_tree_ptr_to_indirect(ptr) ((void *)((unsigned long)(ptr) | RADIX_TREE_INDIRECT_PTR))
#define radix_tree_indirect_to_ptr(ptr) ((void *)((unsigned long)(ptr) & ~RADIX_TREE_INDIRECT_PTR))
#define radix_tree_is_indirect_ptr(ptr) (((unsigned long)(ptr) & RADIX_TREE_INDIRECT_PTR) != 0)
#define radix_tree_maxindex(height) ((1UL << ((height) * RADIX_TREE_MAP_SHIFT)) - 1)
#define radix_tree_offset(index, shift) ((unsigned int)(((index) >> (shift)) & RADIX_TREE_MAP_MASK))

// --- readers, under rcu_read_lock() or the writers' lock

static inline void *radix_tree_lookup_element(struct radix_tree_root *root, unsigned long index, int is_slot)
{
	void **slot = &root->rnode, *entry = rcu_dereference(root->rnode);
	struct radix_tree_node *node;
	unsigned int height, shift;

	if (!entry)
		return NULL;
	if (!radix_tree_is_indirect_ptr(entry)) { /* a direct pointer */
		if (index > 0)
			return NULL;
		return is_slot ? (void *)slot : entry;
	}
	node = radix_tree_indirect_to_ptr(entry);
	height = node->height;
	if (index > radix_tree_maxindex(height))
		return NULL;
	for (shift = (height - 1) * RADIX_TREE_MAP_SHIFT;; shift -= RADIX_TREE_MAP_SHIFT) {
		slot = &node->slots[radix_tree_offset(index, shift)];
		entry = rcu_dereference(*slot);
		if (!entry)
			return NULL;
		if (shift == 0)
			return is_slot ? (void *)slot : radix_tree_indirect_to_ptr(entry);
		node = entry;
	}
}

#define radix_tree_lookup_slot(root, index) ((void **)radix_tree_lookup_element(root, index, 1))
#define radix_tree_lookup(root, index) radix_tree_lookup_element(root, index, 0)
#define radix_tree_deref_slot(slot) rcu_dereference(*(slot))

// The slot is of a node that was taken out of the tree: look it up anew.
#define radix_tree_deref_retry(item) unlikely(radix_tree_is_indirect_ptr(item))

// The slots of up to max_items items from first_index on.
static inline unsigned int radix_tree_gang_lookup_slot(struct radix_tree_root *root, void ***results,
						       unsigned long first_index, unsigned int max_items)
{
	unsigned long index;
	unsigned int found = 0;

	for (index = first_index; index <= radix_tree_maxindex(RADIX_TREE_MAX_PATH) && found < max_items; index++) {
		void **slot = radix_tree_lookup_slot(root, index);

		if (slot)
			results[found++] = slot;
	}
	return found;
}

// --- writers, under their lock

#define radix_tree_replace_slot(slot, item) rcu_assign_pointer(*(slot), item)

#include "radix_tree_tags.h"
#include "radix_tree_update.h"
