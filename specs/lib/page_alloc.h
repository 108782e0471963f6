// SPDX-License-Identifier: GPL-2.0-or-later
// Pages come from per-CPU lists that never run dry and that no page returns to; a freed page's contents are gone.
// @source mm/page_alloc.c v2.6.20 to v4.5
#pragma once

#ifndef PAGE_WORDS
#define PAGE_WORDS 1
#endif

static inline void copy_highpage(struct page *to, struct page *from)
{
	unsigned long *dst = READ_ONCE(to->frame), *src = READ_ONCE(from->frame);
	int i;

	for (i = 0; i < PAGE_WORDS; i++)
		WRITE_ONCE(dst[i], READ_ONCE(src[i]));
}

#define clear_highpage(page) page_write(page, 0)

#ifndef PAGES_PER_CPU
#define PAGES_PER_CPU 3
#endif
#define NR_PAGE_CPUS 4 /* threads that may allocate, and INIT */
#define MAX_NUMPAGES (PAGES_PER_CPU * NR_PAGE_CPUS)

static struct page mem_map[MAX_NUMPAGES];
static unsigned int pcp_used[NR_PAGE_CPUS];

#define page_to_pfn(page) ((unsigned long)((page) - mem_map))
#define pfn_to_page(pfn) (&mem_map[pfn])

INIT /* memmap_init_zone() */
{
	int pfn;

	for (pfn = 0; pfn < MAX_NUMPAGES; pfn++) {
		mem_map[pfn].frame = kmalloc(sizeof(unsigned long) * PAGE_WORDS, GFP_NOWAIT);
		atomic_set(&mem_map[pfn]._mapcount, -1);
		INIT_LIST_HEAD(&mem_map[pfn].lru);
	}
}

static inline struct page *alloc_page(gfp_t gfp)
{
	unsigned int cpu = min(raw_smp_processor_id(), NR_PAGE_CPUS - 1), used = pcp_used[cpu]++;
	struct page *page = &mem_map[cpu * PAGES_PER_CPU + used];

	(void)gfp;
	assume(used < PAGES_PER_CPU);
	atomic_set(&page->_count, 1);
	return page;
}

static inline struct page *alloc_pages_node(int nid, gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_page(gfp);

	(void)order;
	WRITE_ONCE(page->nid, nid);
	return page;
}

#define PAGE_FLAGS_CHECK_AT_FREE \
	(BIT(PG_locked) | BIT(PG_lru) | BIT(PG_active) | BIT(PG_private) | BIT(PG_writeback) | BIT(PG_swapcache))

static inline void free_hot_cold_page(struct page *page)
{
	if (PageAnon(page))
		WRITE_ONCE(page->mapping, NULL);
	else
		BUG_ON(READ_ONCE(page->mapping) != NULL); /* free_pages_check() and bad_page(), from here on */
	BUG_ON(page_mapped(page));
	BUG_ON(READ_ONCE(page->flags) & PAGE_FLAGS_CHECK_AT_FREE);
	kfree(page->frame);
}
