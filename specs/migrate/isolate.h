// SPDX-License-Identifier: GPL-2.0-or-later
// Off the LRU onto a private list, and back.
// @source mm/migrate.c v2.6.20: isolate_lru_page(), putback_lru_pages()
#pragma once

static inline int isolate_lru_page(struct page *page, struct list_head *pagelist)
{
	int ret = -EBUSY;

	if (PageLRU(page)) {
		struct zone *zone = page_zone(page);

		spin_lock_irq(&zone->lru_lock);
		if (PageLRU(page)) {
			ret = 0;
			get_page(page);
			ClearPageLRU(page);
			list_del(&page->lru);
			list_add_tail(&page->lru, pagelist);
		}
		spin_unlock_irq(&zone->lru_lock);
	}
	return ret;
}

static inline void move_to_lru(struct page *page)
{
	if (PageActive(page)) {
		ClearPageActive(page);
		lru_cache_add_active(page);
	} else {
		lru_cache_add(page);
	}
	put_page(page);
}

// A page that is done with, moved or not to be moved, leaves the list of those that are tried.
static inline void putback_page(struct page *page)
{
#ifndef WITHOUT_LRU
	list_del(&page->lru);
#endif
	move_to_lru(page);
}

static inline int putback_lru_pages(struct list_head *l)
{
	struct page *page, *page2;
	int count = 0;

	list_for_each_entry_safe(page, page2, l, lru) {
		putback_page(page);
		count++;
	}
	return count;
}
