// SPDX-License-Identifier: GPL-2.0-or-later
// The flags of a page. Setting and clearing order nothing; testing and setting, or clearing, orders everything.
// @source include/linux/page-flags.h v2.6.20 to v4.5
#pragma once

enum pageflags {
	PG_locked, PG_error, PG_referenced, PG_uptodate, PG_dirty, PG_lru, PG_active, PG_reserved, PG_private, PG_writeback,
	PG_swapcache, PG_swapbacked, PG_waiters, PG_hwpoison
};

#define PAGEFLAG(name, bit) \
	static inline int Page##name(struct page *page) { return test_bit(bit, &page->flags); } \
	static inline void SetPage##name(struct page *page) { set_bit(bit, &page->flags); } \
	static inline void ClearPage##name(struct page *page) { clear_bit(bit, &page->flags); } \
	static inline int TestSetPage##name(struct page *page) { return test_and_set_bit(bit, &page->flags); } \
	static inline int TestClearPage##name(struct page *page) { return test_and_clear_bit(bit, &page->flags); }

PAGEFLAG(Error, PG_error)
PAGEFLAG(Referenced, PG_referenced)
PAGEFLAG(Dirty, PG_dirty)
PAGEFLAG(LRU, PG_lru)
PAGEFLAG(Active, PG_active)
PAGEFLAG(Reserved, PG_reserved)
PAGEFLAG(Private, PG_private)
PAGEFLAG(Writeback, PG_writeback)
PAGEFLAG(SwapCache, PG_swapcache)
PAGEFLAG(SwapBacked, PG_swapbacked)
PAGEFLAG(HWPoison, PG_hwpoison)

// Before v2.6.25 nothing ordered the contents before the flag (PC-07), neither where it is set nor where it is read.
#if defined(UPTODATE_WITHOUT_BARRIERS) && !defined(FIX_PC_07)
PAGEFLAG(Uptodate, PG_uptodate)
#else
static inline int PageUptodate(struct page *page)
{
	int ret = test_bit(PG_uptodate, &page->flags);

	if (ret)
		smp_rmb();
	return ret;
}

static inline void SetPageUptodate(struct page *page)
{
	smp_wmb();
	set_bit(PG_uptodate, &page->flags);
}
#endif
