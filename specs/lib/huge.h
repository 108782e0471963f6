// SPDX-License-Identifier: GPL-2.0-or-later
// A huge page that is mapped whole, by one PMD. It has the bits of a PTE. Whoever walks looks at it without the lock first:
// a PMD that is none has nothing to do, so that it must never seem to be none while a page is mapped by it.
//
// FIX_MADV_09: who changes the PMD leaves it in place, not present, instead of clearing it first.
//
// @source mm/huge_memory.c v4.5, v4.11: change_huge_pmd(), madvise_free_huge_pmd(), zap_huge_pmd()
// @source mm/memory.c v4.5: zap_pmd_range()
#pragma once

#define pmd_lock(mm) (&(mm)->page_table_lock)

static inline bool pmd_trans_huge(pte_t pmd)
{
	return !pte_none(pmd);
}

// Clears it, or in the fixed kernel makes it not present; the page and the other bits are the caller's to put back.
static inline pte_t pmdp_take(struct mm_struct *mm)
{
#ifdef FIX_MADV_09
	pte_t pmd = ptep_get(&mm->pmd);

	clear_bit(0, &mm->pmd.pte); /* pmdp_invalidate(): _PAGE_PRESENT */
	flush_tlb_page(mm, 0);
	return pmd;
#else
	return ptep_get_and_clear(mm, 0, &mm->pmd); /* pmdp_huge_get_and_clear() */
#endif
}

static inline void change_huge_pmd(struct mm_struct *mm)
{
	pte_t entry;

	spin_lock(pmd_lock(mm));
	if (pmd_trans_huge(ptep_get(&mm->pmd))) {
		entry = pmdp_take(mm);
		set_pte_at(mm, 0, &mm->pmd, __pte((pte_val(entry) & ~_PAGE_PRESENT) | _PAGE_PROTNONE));
	}
	spin_unlock(pmd_lock(mm));
}

static inline void madvise_free_huge_pmd(struct mmu_gather *tlb)
{
	struct mm_struct *mm = tlb->mm;
	pte_t orig_pmd;

	spin_lock(pmd_lock(mm));
	orig_pmd = ptep_get(&mm->pmd);
	if (pmd_trans_huge(orig_pmd) && (pte_young(orig_pmd) || pte_dirty(orig_pmd))) {
		orig_pmd = pmdp_take(mm);
		set_pte_at(mm, 0, &mm->pmd, pte_mkclean(pte_mkold(orig_pmd)));
		tlb_remove_tlb_entry(tlb, &mm->pmd, 0UL);
	}
	spin_unlock(pmd_lock(mm));
}

static inline void zap_huge_pmd(struct mmu_gather *tlb)
{
	struct mm_struct *mm = tlb->mm;
	pte_t orig_pmd;

	spin_lock(pmd_lock(mm));
	orig_pmd = ptep_get_and_clear_full(mm, 0, &mm->pmd, tlb->fullmm);
	if (!pte_none(orig_pmd)) {
		tlb_remove_tlb_entry(tlb, &mm->pmd, 0UL);
		page_remove_rmap(pte_page(orig_pmd));
		__tlb_remove_page(tlb, pte_page(orig_pmd));
	}
	spin_unlock(pmd_lock(mm));
}

static inline void zap_pmd_range(struct mmu_gather *tlb)
{
	if (pmd_trans_huge(ptep_get(&tlb->mm->pmd)))
		zap_huge_pmd(tlb);
	/* pmd_none_or_trans_huge_or_clear_bad(): nothing here */
}

static inline struct page *map_huge_page(struct vm_area_struct *vma, unsigned long contents)
{
	struct page *page = alloc_page(GFP_HIGHUSER);

	page_write(page, contents);
	page_add_new_anon_rmap(page, vma, 0);
	vma->vm_mm->pmd = pte_mkyoung(pte_mkdirty(pte_mkwrite(mk_pte(page, vma->vm_page_prot))));
	return page;
}

// A user's load: a new page, of zeroes, where there is none. What a user gave away he does not see again (user.h).
static inline void user_load_huge(struct mm_struct *mm)
{
	pte_t pmd = ptep_get(&mm->pmd);

	BUG_ON(!user_expects(0, pte_none(pmd) ? 0 : page_read(pte_page(pmd))));
}
