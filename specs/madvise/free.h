// SPDX-License-Identifier: GPL-2.0-or-later
// MADV_FREE: the pages stay until reclaim finds them clean; a store in the meantime makes them dirty and keeps them.
// @source mm/madvise.c v4.5: madvise_free_pte_range(), madvise_free_single_vma()
#pragma once

static inline void madvise_free_pte_range(struct mmu_gather *tlb, unsigned long addr, unsigned long end)
{
	struct mm_struct *mm = tlb->mm;
	spinlock_t *ptl;
	pte_t *pte = pte_offset_map_lock(mm, addr, &ptl), ptent;

	for (; addr != end; pte++, addr += PAGE_SIZE) {
		struct page *page;

		ptent = ptep_get(pte);
		if (pte_none(ptent))
			continue;
		if (!pte_present(ptent)) {
			if (non_swap_entry(pte_to_swp_entry(ptent)))
				continue;
			free_swap_and_cache(pte_to_swp_entry(ptent));
			pte_clear(mm, addr, pte);
			continue;
		}
		page = pte_page(ptent);
		if (PageSwapCache(page) || PageDirty(page)) {
			if (!trylock_page(page))
				continue;
			if (page_count(page) != 1 + !!PageSwapCache(page)) {
				unlock_page(page);
				continue;
			}
			if (PageSwapCache(page) && !try_to_free_swap(page)) {
				unlock_page(page);
				continue;
			}
			ClearPageDirty(page);
			unlock_page(page);
		}
#ifdef FREE_SHORTCUT /* since v4.12 */
		if (!pte_young(ptent) && !pte_dirty(ptent))
			continue;
#endif
		ptent = ptep_get_and_clear_full(mm, addr, pte, tlb->fullmm);
#ifdef NOT_ATOMIC_CLEARED /* for a moment there is nothing: who looks without the lock does not find the page */
		atomic_point();
#endif
		set_pte_at(mm, addr, pte, pte_mkclean(pte_mkold(ptent)));
#ifndef NO_FLUSH
		tlb_remove_tlb_entry(tlb, pte, addr);
#endif
	}
	spin_unlock(ptl);
}

static inline long madvise_free(struct vm_area_struct *vma, struct vm_area_struct **prev, unsigned long start,
				unsigned long end)
{
	struct mmu_gather tlb;

	*prev = vma;
	if ((vma->vm_flags & (VM_LOCKED | VM_HUGETLB | VM_PFNMAP)) || !vma_is_anonymous(vma))
		return -EINVAL;
	tlb_gather_mmu(&tlb, vma->vm_mm, start, end);
	madvise_free_pte_range(&tlb, start, end);
	tlb_finish_mmu(&tlb, start, end);
	return 0;
}
