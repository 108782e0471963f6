// SPDX-License-Identifier: GPL-2.0-or-later
// Protection that hints at NUMA nodes: PTEs become PROT_NONE in a batch, the TLBs are flushed at its end, and the next access
// faults and moves the page to its user's node. Whoever finds such a PTE while flushes are pending flushes for himself.
//
// MIG_11 takes back commit 20841405940e: nobody looks whether a flush is pending.
// tlb_flush_pending is a flag, as before v4.13; FIX_MIG_12 makes it a count.
//
// @source mm/mprotect.c, include/linux/mm_types.h v4.12: change_protection_range(), set_tlb_flush_pending()
// @source mm/huge_memory.c, mm/migrate.c v4.12: migrate_misplaced_transhuge_page()
#pragma once

static inline void set_tlb_flush_pending(struct mm_struct *mm)
{
#ifdef FIX_MIG_12
	atomic_inc(&mm->tlb_flush_pending);
#else
	atomic_set(&mm->tlb_flush_pending, 1);
#endif
	/* the page table lock orders it before the first change of a PTE */
}

static inline void clear_tlb_flush_pending(struct mm_struct *mm)
{
	smp_mb__before_atomic();
#ifdef FIX_MIG_12
	atomic_dec(&mm->tlb_flush_pending);
#else
	atomic_set(&mm->tlb_flush_pending, 0);
#endif
}

static inline bool mm_tlb_flush_pending(struct mm_struct *mm)
{
	return atomic_read(&mm->tlb_flush_pending) > 0;
}

static inline pte_t pte_modify_protnone(pte_t pte)
{
	return __pte((pte_val(pte) & ~_PAGE_PRESENT) | _PAGE_PROTNONE);
}

static inline bool pte_protnone(pte_t pte)
{
	return (pte_val(pte) & (_PAGE_PRESENT | _PAGE_PROTNONE)) == _PAGE_PROTNONE;
}

static inline int change_pte_range(struct mm_struct *mm, unsigned long addr, unsigned long end)
{
	spinlock_t *ptl;
	pte_t *pte = pte_offset_map_lock(mm, addr, &ptl);
	int pages = 0;

	for (; addr < end; pte++, addr += PAGE_SIZE) {
		if (!pte_present(ptep_get(pte)) || pte_protnone(ptep_get(pte)))
			continue;
		set_pte_at(mm, addr, pte, pte_modify_protnone(ptep_get_and_clear(mm, addr, pte)));
		pages++;
	}
	spin_unlock(ptl);
	return pages;
}

static inline void change_prot_numa(struct mm_struct *mm, unsigned long addr, unsigned long end)
{
	set_tlb_flush_pending(mm);
	if (change_pte_range(mm, addr, end))
		flush_tlb_range(mm, addr, end);
	clear_tlb_flush_pending(mm);
}

// The hinting fault of a page that is moved on the spot, with the PTE lock held throughout.
static inline void do_numa_page(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long addr)
{
	struct page *page, *new_page = alloc_pages_node(1, GFP_HIGHUSER, 0);
	spinlock_t *ptl;
	pte_t *ptep = pte_offset_map_lock(mm, addr, &ptl), pte = ptep_get(ptep);

	if (!pte_protnone(pte)) {
		pte_unmap_unlock(ptep, ptl);
		put_page(new_page);
		return;
	}
#ifndef MIG_11
	if (mm_tlb_flush_pending(mm))
#else
	if (false)
#endif
		flush_tlb_page(mm, addr);
#ifndef NO_PENDING_BARRIER
	smp_rmb(); /* who saw that the others have flushed sees what was stored before that, too */
#endif
	page = pte_page(pte);
	copy_highpage(new_page, page);
	__SetPageUptodate(new_page); /* migrate_page_copy() */
	page_add_new_anon_rmap(new_page, vma, addr);
	set_pte_at(mm, addr, ptep, pte_mkwrite(pte_mkdirty(mk_pte(new_page, vma->vm_page_prot))));
	page_remove_rmap(page);
	pte_unmap_unlock(ptep, ptl);
	put_page(page);
}
