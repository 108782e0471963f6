// SPDX-License-Identifier: GPL-2.0-or-later
// Tags across growth and shrinking, and radix_tree_tagged() without the lock.
// A tagged item is found by its tag as long as it is there; when the last one is untagged or deleted, the tree has the tag
// no more.
// @source lib/radix-tree.c v2.6.20: radix_tree_tag_set(), radix_tree_tag_clear(), radix_tree_extend(),
//   radix_tree_delete()
// @expect all: safe
// @expect[NO_TAG_ON_EXTEND] all: violation (assertion)
#include "tree.h"

INIT { tree_insert(0); }

THREAD(writer)
{
	spin_lock(&tree_lock);
	radix_tree_tag_set(&tree, 0, 0); /* of a direct pointer: the root has it */
	spin_unlock(&tree_lock);
	tree_insert(2); /* two levels: both nodes must have it */
	spin_lock(&tree_lock);
	assert(radix_tree_tag_get(&tree, 0, 0) && !radix_tree_tag_get(&tree, 2, 0));
	spin_unlock(&tree_lock);
	tree_delete(2);
}

THREAD(cleaner) /* without the lock: a hint */
{
	if (radix_tree_tagged(&tree, 0))
		assert(tree_find(0));
}

FINALLY
{
	assert(radix_tree_tagged(&tree, 0) && radix_tree_tag_get(&tree, 0, 0));
	radix_tree_tag_clear(&tree, 0, 0);
	assert(!radix_tree_tagged(&tree, 0));
	radix_tree_tag_set(&tree, 0, 0);
	radix_tree_delete(&tree, 0);
	assert(!radix_tree_tagged(&tree, 0) && !tree.rnode);
}
