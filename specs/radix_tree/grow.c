// SPDX-License-Identifier: GPL-2.0-or-later
// Lookups while the tree grows at its top, from a direct pointer to a node and from one level to two.
// @source lib/radix-tree.c v2.6.20 (7cf9c2c76c1a): radix_tree_extend(), radix_tree_insert(), radix_tree_lookup()
// @expect all: safe
// @expect[TWO_LEVELS] all: safe
// @expect[NO_PUBLISH] sc, tso: safe   lkmm: violation (undefined arithmetic)
#include "tree.h"

#ifdef TWO_LEVELS
#define NEXT 2
#else
#define NEXT 1
#endif

INIT
{
	unsigned long index;

	for (index = 0; index < NEXT; index++)
		tree_insert(index);
}

THREAD(reader)
{
	tree_must_find(0);
	tree_find(NEXT);
}

THREAD(writer) { tree_insert(NEXT); }
