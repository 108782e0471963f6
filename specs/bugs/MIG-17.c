// SPDX-License-Identifier: GPL-2.0-or-later
// Compaction asks how often a page is mapped before it has a reference of it: by then the page may be one of kmalloc()'s.
// @source mm/compaction.c v5.6: isolate_migratepages_block(); include/linux/mm.h v5.6: page_mapcount()
// @bug MIG-17 (v5.7) mm, compaction: a page is asked for its mapcount before there is a reference of it
// @seed other: isolate_lru_page() takes its reference under the LRU's lock first
// 119d6d59dcc0 (v3.17) brought the question; the fix was discussed in 2020, and neither its subject nor its hash is certain.
// @expect all: violation (assertion)
// @expect[FIX_MIG_17] all: safe
#define PTRS_PER_PTE 1
#include <ringtail.h>
#include "../lib/mm.h"

#define PG_slab 20
#define PageSlab(page) test_bit(PG_slab, &(page)->flags)

static struct page *page;

INIT
{
	page = alloc_page(GFP_HIGHUSER);
	lru_cache_add(page);
}

static int checked_mapcount(struct page *p)
{
	VM_BUG_ON_PAGE(PageSlab(p), p);
	return page_mapcount(p);
}

THREAD(compaction)
{
	LIST_HEAD(migratepages);

	if (!PageLRU(page))
		return;
#ifndef FIX_MIG_17
	if (!page_mapping(page) && page_count(page) > checked_mapcount(page) + 1)
		return; /* an anonymous page that somebody has pinned */
#endif
	if (!get_page_unless_zero(page))
		return;
#ifdef FIX_MIG_17
	if (PageLRU(page) && !page_mapping(page) && page_count(page) > checked_mapcount(page) + 2) {
		put_page(page);
		return;
	}
#endif
	put_page(page);
}

THREAD(owner)
{
	if (put_page_testzero(page)) {
		__page_cache_release(page);
		smp_wmb();
		set_bit(PG_slab, &page->flags); /* freed, and handed out again: __SetPageSlab() */
	}
}
