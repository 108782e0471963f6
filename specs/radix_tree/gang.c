// SPDX-License-Identifier: GPL-2.0-or-later
// A gang lookup while the tree changes under it.
// What is there all the time is found, once, and in order; what comes or goes may be found or not.
// @source lib/radix-tree.c v2.6.26: radix_tree_gang_lookup_slot()
// @expect all: safe
// @expect[PC_01] all: violation (assertion)
#include "tree.h"

INIT
{
	tree_insert(0);
	tree_insert(1);
	tree_insert(2);
}

THREAD(reader)
{
	void **slots[3];
	unsigned int found, i;
	bool first = false;

	rcu_read_lock();
	found = radix_tree_gang_lookup_slot(&tree, slots, 0, 3);
	for (i = 0; i < found; i++) {
		struct item *item = radix_tree_indirect_to_ptr(radix_tree_deref_slot(slots[i]));

		if (!item)
			continue; /* deleted since */
		assert(item->index >= i);
		first |= item->index == 0;
	}
	rcu_read_unlock();
	assert(first);
}

THREAD(writer)
{
	tree_delete(2);
	tree_delete(1);
}
