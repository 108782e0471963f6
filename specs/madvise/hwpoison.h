// SPDX-License-Identifier: GPL-2.0-or-later
// MADV_HWPOISON: the page is taken for one whose memory has failed. It is unmapped, whoever touches it gets SIGBUS, and it is
// never freed. MADV_SOFT_OFFLINE: one that is about to fail; what is on it is moved to another.
// @source mm/madvise.c v4.5: madvise_hwpoison()
// @source mm/memory-failure.c v4.5: memory_failure(), hwpoison_user_mappings(), soft_offline_page()
#pragma once

#include "../migrate/migrate.h"

#define MF_COUNT_INCREASED 1
#define MADV_HWPOISON 100
#define MADV_SOFT_OFFLINE 101

// The reference stays with the page: it is out of use for good. 0 if nobody else has it any more.
static inline int memory_failure(struct page *p)
{
	int ret;

#ifdef NO_TEST_AND_SET
	SetPageHWPoison(p);
	if (false) {
#else
	if (TestSetPageHWPoison(p)) {
#endif
		put_page(p); /* another has found it */
		return 0;
	}
	lock_page(p);
	wait_on_page_writeback(p);
	try_to_unmap(p, 0); /* hwpoison_user_mappings() */
	if (!PageAnon(p) && READ_ONCE(p->mapping))
		delete_from_page_cache(p); /* me_pagecache_clean() */
	ret = page_count(p) == 1 && !page_mapped(p) ? 0 : -EBUSY; /* page_action(): "still referenced by %d users" */
	unlock_page(p);
	return ret;
}

static inline int soft_offline_page(struct page *page)
{
	LIST_HEAD(pagelist);
	int ret;

	lock_page(page);
	wait_on_page_writeback(page);
	if (PageHWPoison(page)) {
		unlock_page(page);
		put_page(page);
		return -EBUSY;
	}
	unlock_page(page);
#ifdef WITHOUT_LRU
	ret = op_move_page(page, 1); /* whoever isolates it has our reference */
#else
	ret = isolate_lru_page(page, &pagelist);
	put_page(page);
	if (!ret)
		ret = migrate_pages(&pagelist, new_page_on, 1);
#endif
	return ret;
}

// `start` is of one page; current->mm is a parameter.
static inline int madvise_hwpoison(struct mm_struct *mm, int bhv, unsigned long start)
{
	struct page *p;
	int ret;

	mmap_read_lock(mm);
	ret = get_user_page(mm, start, false, false, &p); /* get_user_pages_fast() */
	mmap_read_unlock(mm);
	if (ret != 1)
		return ret;
	if (PageHWPoison(p)) {
		put_page(p);
		return 0;
	}
	if (bhv == MADV_SOFT_OFFLINE)
		return soft_offline_page(p);
	memory_failure(p); /* its answer is ignored */
	return 0;
}
