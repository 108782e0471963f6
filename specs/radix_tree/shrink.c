// SPDX-License-Identifier: GPL-2.0-or-later
// A lookup while the tree shrinks: the reader comes through the node that is taken away, and must still find what was there.
// @source lib/radix-tree.c v2.6.26, v2.6.37: radix_tree_shrink(), radix_tree_lookup()
// @bug[PC_01] PC-01 643b52b9c0b4e959436b4b551ebf4060d06d5ae8 (v2.6.26) radix-tree: fix small lockless radix-tree bug
// @seed other: the seeds have the message of the commit that brought it, 7cf9c2c76c1a, and not its code
// @expect all: safe
// @expect[PC_01] all: violation (assertion)
#include "tree.h"

INIT
{
	tree_insert(0);
	tree_insert(1);
}

THREAD(reader) { tree_must_find(0); }
THREAD(writer) { tree_delete(1); }
