// SPDX-License-Identifier: GPL-2.0-or-later
// struct page: flags, the two counts, the page lock, and the contents.
//
// The contents of a page are one word (PAGE_WORDS of them where a spec wants more) that lives in memory of its own
// (page->frame), freed with the page: whoever uses a freed page, through whatever pointer, PTE or TLB entry, is a use after
// free. struct page itself is never freed, as in the kernel, so that looking at the count of a page that may be gone is
// legal. No page is handed out twice.
//
// A page is free exactly while its count is zero. What mm/page_alloc.c checks of a page that is freed (free_pages_check())
// is checked here. Accesses are marked as today's kernel marks them.
//
// The page lock is one step that waits (the default), or, in a spec that defines PAGE_WAIT_QUEUE, a bit and a hashed wait
// queue, step by step: page_wait.h. specs/migrate/page_lock.c shows that the one does what the other does.
//
// @source include/linux/mm.h, include/linux/page-flags.h, mm/swap.c, mm/page_alloc.c v2.6.20 to v4.5
#pragma once

struct address_space;

struct page {
	unsigned long flags;
	atomic_t _count;
	atomic_t _mapcount; /* the PTEs that map it, less one */
	struct address_space *mapping; /* its low bit: an anon_vma */
	pgoff_t index;
	unsigned long private;
	struct list_head lru;
	int nid;
	unsigned long *frame;
};

#include "page_flags.h"

#define PAGE_MAPPING_ANON 1UL
#define set_page_private(page, v) WRITE_ONCE((page)->private, v)
#define page_private(page) READ_ONCE((page)->private)
#define page_to_nid(page) READ_ONCE((page)->nid)
#define page_count(page) atomic_read(&(page)->_count)
#define page_mapcount(page) (atomic_read(&(page)->_mapcount) + 1)
#define page_mapped(page) (page_mapcount(page) > 0)

static inline int PageAnon(struct page *page)
{
	return ((unsigned long)READ_ONCE(page->mapping) & PAGE_MAPPING_ANON) != 0;
}

static inline struct address_space *page_mapping(struct page *page)
{
	struct address_space *mapping = READ_ONCE(page->mapping);

	return ((unsigned long)mapping & PAGE_MAPPING_ANON) ? NULL : mapping;
}

// --- the contents: what copy_highpage(), a device or a user reads and writes

#define page_read(page) READ_ONCE(*READ_ONCE((page)->frame))
#define page_write(page, v) WRITE_ONCE(*READ_ONCE((page)->frame), v)

#include "page_alloc.h"
#include "lru.h"

// --- references

static inline void get_page(struct page *page)
{
	int old = atomic_fetch_inc_relaxed(&page->_count);

	VM_BUG_ON_PAGE(old <= 0, page);
}

static inline int put_page_testzero(struct page *page)
{
	int count = atomic_dec_return(&page->_count);

	VM_BUG_ON_PAGE(count < 0, page);
	return count == 0;
}

static inline void put_page(struct page *page)
{
	if (put_page_testzero(page)) {
		__page_cache_release(page);
		free_hot_cold_page(page);
	}
}

#define __put_page(page) atomic_dec(&(page)->_count)
#define page_cache_get(page) get_page(page)
#define page_cache_release(page) put_page(page)

static inline int get_page_unless_zero(struct page *page)
{
	return atomic_inc_not_zero(&page->_count);
}

static inline int page_freeze_refs(struct page *page, int count)
{
	return atomic_cmpxchg(&page->_count, count, 0) == count;
}

static inline void page_unfreeze_refs(struct page *page, int count)
{
	VM_BUG_ON(page_count(page) != 0);
	smp_mb();
	atomic_set(&page->_count, count);
}

// --- the page lock

#ifdef PAGE_WAIT_QUEUE
#include "page_wait.h"
#else

static inline void lock_page(struct page *page)
{
	might_sleep();
	(void)__rt_block_add(clear, &__rt_word(PG_locked, &page->flags)->counter, __rt_mask(PG_locked), __rt_mask(PG_locked));
}

static inline void unlock_page(struct page *page)
{
	clear_bit_unlock(PG_locked, &page->flags);
}

static inline void wait_on_page_bit(struct page *page, int bit)
{
	might_sleep();
	while (test_bit(bit, &page->flags))
		cpu_relax();
}

#define wake_up_page(page, bit) do { } while (0)
#endif

#define PageLocked(page) test_bit(PG_locked, &(page)->flags)
#define trylock_page(page) (!test_and_set_bit_lock(PG_locked, &(page)->flags))
#define TestSetPageLocked(page) test_and_set_bit(PG_locked, &(page)->flags) /* before v2.6.27 */
#define wait_on_page_locked(page) wait_on_page_bit(page, PG_locked)
#define wait_on_page_writeback(page) wait_on_page_bit(page, PG_writeback)

static inline void end_page_writeback(struct page *page)
{
	if (!TestClearPageWriteback(page))
		BUG();
	smp_mb__after_atomic();
	wake_up_page(page, PG_writeback);
}
