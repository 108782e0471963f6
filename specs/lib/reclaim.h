// SPDX-License-Identifier: GPL-2.0-or-later
// Reclaim of a page that MADV_FREE has made discardable: unmapped, and forgotten if it is still clean.
//
// FIX_MADV_07 is commit 6c8e2a256915: not if somebody else has pinned it. NO_BARRIERS leaves its two barriers out.
//
// @source mm/rmap.c v5.17: try_to_unmap_one(), the branch of lazily freed pages; mm/vmscan.c v5.17: shrink_page_list()
#pragma once

static inline bool lazyfree_is_discardable(struct page *page)
{
#ifdef FIX_MADV_07
	int ref_count, map_count;

#ifndef NO_BARRIERS
	smp_mb(); /* with gup-fast: clear the PTE, then look at the count */
#endif
	ref_count = page_count(page);
	map_count = page_mapcount(page);
#ifndef NO_BARRIERS
	smp_rmb(); /* with put_page(): who saw the reference gone sees the page dirty */
#endif
	if (ref_count != 1 + map_count)
		return false;
#endif
	return !PageDirty(page);
}

static inline void unmap_lazyfree(struct page *page, struct mm_struct *mm, unsigned long addr)
{
	spinlock_t *ptl;
	pte_t *ptep = pte_offset_map_lock(mm, addr, &ptl), pteval;

	if (!pte_present(ptep_get(ptep)) || pte_page(ptep_get(ptep)) != page)
		goto out;
	pteval = ptep_get_and_clear(mm, addr, ptep);
#ifdef TTU_BATCH_FLUSH
	set_tlb_ubc_flush_pending(mm);
#else
	flush_tlb_page(mm, addr);
#endif
	if (pte_dirty(pteval))
		set_page_dirty(page);
	if (lazyfree_is_discardable(page)) {
		page_remove_rmap(page);
		put_page(page);
	} else {
		set_pte_at(mm, addr, ptep, pteval);
		SetPageSwapBacked(page);
	}
out:
	pte_unmap_unlock(ptep, ptl);
}

// The page is isolated: the reference is dropped here.
static inline void op_reclaim(struct page *page, struct mm_struct *mm, unsigned long addr)
{
	lock_page(page);
	unmap_lazyfree(page, mm, addr);
#ifdef TTU_BATCH_FLUSH
	flush_tlb_page(mm, addr); /* try_to_unmap_flush() */
#endif
	unlock_page(page);
	put_page(page);
}
