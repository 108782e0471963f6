// SPDX-License-Identifier: GPL-2.0-or-later
// find_get_pages() while the file is truncated: the slot that it looks at again and again is of a node that the tree has lost.
// @source mm/filemap.c v2.6.37: find_get_pages(); lib/radix-tree.c: radix_tree_shrink(), radix_tree_gang_lookup_slot()
// @bug[PC_02] PC-02 27d20fddc8af539464fc3ba499d6a830054c3bd6 (v2.6.37) radix-tree: fix RCU bug
// @seed other: 7cf9c2c76c1a has such slots, but who uses them in the seeds (migrate.c) holds the tree's lock
// The reader is in an RCU section all the while, so that the node cannot go either: it spins for ever.
// @expect all: safe
// @expect[PC_02] all: violation (deadlock)
#include "../lib/radix_tree.h"
#include "../lib/page.h"

static struct address_space_tree {
	struct radix_tree_root page_tree;
	spinlock_t tree_lock;
} mapping;

static struct page *cached[2];

static void add_to_page_tree(unsigned long index)
{
	struct page *page = alloc_page(GFP_KERNEL); /* with the tree's reference */

	page->index = index;
	cached[index] = page;
	radix_tree_insert(&mapping.page_tree, index, page);
}

INIT
{
	add_to_page_tree(0);
	add_to_page_tree(1);
}

// radix_tree_gang_lookup_slot() finds a slot at a time here, so that the slots need no array.
static unsigned int find_get_pages(unsigned long start, unsigned int nr_pages, struct page **pages)
{
	unsigned long index;
	unsigned int ret = 0;

	rcu_read_lock();
#ifndef PC_02
restart:
#endif
	for (index = start; index <= radix_tree_maxindex(RADIX_TREE_MAX_PATH) && ret < nr_pages; index++) {
		void **slot = radix_tree_lookup_slot(&mapping.page_tree, index);
		struct page *page;

		if (!slot)
			continue;
repeat:
		page = radix_tree_deref_slot(slot);
		if (unlikely(!page))
			continue;
#ifndef PC_02
		if (radix_tree_deref_retry(page)) {
			if (ret)
				start = pages[ret - 1]->index;
			goto restart;
		}
#endif
		if (!get_page_unless_zero(page))
			goto repeat;
		if (unlikely(page != radix_tree_deref_slot(slot))) {
			put_page(page);
			goto repeat;
		}
		pages[ret++] = page;
	}
	rcu_read_unlock();
	return ret;
}

static void remove_from_page_cache(unsigned long index)
{
	struct page *page;

	spin_lock_irq(&mapping.tree_lock);
	page = radix_tree_delete(&mapping.page_tree, index);
	spin_unlock_irq(&mapping.tree_lock);
	BUG_ON(page != cached[index]);
	put_page(page);
}

THREAD(reader)
{
	struct page *pages[1];

	if (find_get_pages(0, 1, pages)) {
		assert(pages[0]->index == 0 || pages[0]->index == 1);
		put_page(pages[0]);
	}
}

THREAD(truncate)
{
	remove_from_page_cache(1);
	remove_from_page_cache(0);
}
