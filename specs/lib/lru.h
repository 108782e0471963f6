// SPDX-License-Identifier: GPL-2.0-or-later
// The LRU: one zone with an active and an inactive list under one lock; pages go on it at once, without the per-CPU batches
// (pagevecs) in between. A page with PG_lru is on one of the two lists; one without may be on a list of whoever isolated it.
// In a spec that defines WITHOUT_LRU nobody looks at it, and what is added there costs no step.
// Included by page.h, since dropping the last reference takes a page off the list.
// @source mm/swap.c, mm/vmscan.c, mm/migrate.c v2.6.20
#pragma once

struct zone {
	spinlock_t lru_lock;
	struct list_head active_list, inactive_list;
};

static struct zone contig_zone = {
	.active_list = LIST_HEAD_INIT(contig_zone.active_list),
	.inactive_list = LIST_HEAD_INIT(contig_zone.inactive_list),
};

#define page_zone(page) (&contig_zone)

#ifdef WITHOUT_LRU
#define lru_cache_add(page) ((void)(page))
#define lru_cache_add_active(page) ((void)(page))
#define __page_cache_release(page) ((void)(page))
#else

static inline void add_page_to_lru(struct page *page)
{
	list_add(&page->lru, PageActive(page) ? &contig_zone.active_list : &contig_zone.inactive_list);
}

// mm/swap.c: lru_cache_add(), lru_cache_add_active() and the __pagevec_lru_add() behind them.
static inline void lru_cache_add(struct page *page)
{
	spin_lock_irq(&contig_zone.lru_lock);
	BUG_ON(PageLRU(page));
	SetPageLRU(page);
	add_page_to_lru(page);
	spin_unlock_irq(&contig_zone.lru_lock);
}

static inline void lru_cache_add_active(struct page *page)
{
	spin_lock_irq(&contig_zone.lru_lock);
	BUG_ON(PageLRU(page));
	SetPageLRU(page);
	BUG_ON(PageActive(page));
	SetPageActive(page);
	add_page_to_lru(page);
	spin_unlock_irq(&contig_zone.lru_lock);
}

static inline void del_page_from_lru(struct page *page)
{
	list_del(&page->lru);
	ClearPageActive(page);
}

// The last reference is gone; nobody else can find the page but through the LRU.
static inline void __page_cache_release(struct page *page)
{
	if (PageLRU(page)) {
		spin_lock_irq(&contig_zone.lru_lock);
		BUG_ON(!PageLRU(page));
		ClearPageLRU(page);
		del_page_from_lru(page);
		spin_unlock_irq(&contig_zone.lru_lock);
	}
}
#endif
