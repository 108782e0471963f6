// SPDX-License-Identifier: GPL-2.0-or-later
// The slot API: a writer puts another item into a slot that readers look up without a lock, as migration does.
// What is at the index is the one or the other, and the one that is found is written to the end.
// @source lib/radix-tree.c, include/linux/radix-tree.h v2.6.20: radix_tree_lookup_slot(), radix_tree_deref_slot(),
//   radix_tree_replace_slot()
// @expect all: safe
// @expect[PLAIN_REPLACE] sc, tso: safe   lkmm: violation
#include "tree.h"

static struct item other;

INIT
{
	tree_insert(0);
	tree_insert(1);
}

THREAD(reader)
{
	tree_find(1);
	tree_must_find(0);
}

THREAD(migration)
{
	void **slot;

	other.index = 1;
	other.contents = 1;
	spin_lock(&tree_lock);
	slot = radix_tree_lookup_slot(&tree, 1);
	BUG_ON(radix_tree_deref_slot(slot) != &items[1]);
#ifdef PLAIN_REPLACE
	*slot = &other;
#else
	radix_tree_replace_slot(slot, &other);
#endif
	spin_unlock(&tree_lock);
}
