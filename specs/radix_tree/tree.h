// SPDX-License-Identifier: GPL-2.0-or-later
// A tree with items, for the scenarios of this folder. An item knows its index: whatever a reader finds at an index must be
// an item of that index, and an index whose item is there all the time must be found.
#pragma once
#include "../lib/radix_tree.h"

struct item {
	unsigned long index;
	int contents;
};

static RADIX_TREE(tree);
static DEFINE_SPINLOCK(tree_lock);
static struct item items[4];

static inline void tree_insert(unsigned long index)
{
	struct item *item = &items[index];

	item->index = index;
	item->contents = 1;
	spin_lock(&tree_lock);
	radix_tree_insert(&tree, index, item);
	spin_unlock(&tree_lock);
}

static inline void tree_delete(unsigned long index)
{
	spin_lock(&tree_lock);
	radix_tree_delete(&tree, index);
	spin_unlock(&tree_lock);
}

// The slot of index i holds the item of index i, or nothing.
static inline struct item *tree_find(unsigned long index)
{
	struct item *item;

	rcu_read_lock();
	item = radix_tree_lookup(&tree, index);
	if (item)
		assert(item->index == index && item->contents == 1);
	rcu_read_unlock();
	return item;
}

static inline void tree_must_find(unsigned long index)
{
	assert(tree_find(index) == &items[index]);
}
