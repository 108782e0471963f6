// SPDX-License-Identifier: GPL-2.0-or-later
// A write to a page that is mapped read-only: a copy, unless the page is nobody else's.
// @source mm/memory.c v4.5: do_wp_page(), wp_page_copy()
#pragma once

static inline int wp_page_copy(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long address, pte_t orig_pte,
			struct page *old_page)
{
	struct page *new_page = alloc_page(GFP_HIGHUSER);
	spinlock_t *ptl;
	pte_t *ptep, entry;

#ifdef NOT_ATOMIC_HELD /* who wants to move the old page meanwhile finds it busy */
	atomic_point();
#endif
	copy_highpage(new_page, old_page);
	__SetPageUptodate(new_page);
	ptep = pte_offset_map_lock(mm, address, &ptl);
#ifndef NO_RECHECK_OF_PTE
	if (!pte_same(ptep_get(ptep), orig_pte)) {
		pte_unmap_unlock(ptep, ptl);
		page_cache_release(new_page);
		page_cache_release(old_page);
		return 0;
	}
#endif
	entry = maybe_mkwrite(pte_mkdirty(mk_pte(new_page, vma->vm_page_prot)), vma);
	ptep_clear_flush(mm, address, ptep);
	page_add_new_anon_rmap(new_page, vma, address);
	set_pte_at(mm, address, ptep, entry);
	page_remove_rmap(old_page);
	page_cache_release(old_page); /* the PTE's */
	pte_unmap_unlock(ptep, ptl);
	page_cache_release(old_page); /* ours */
	return VM_FAULT_WRITE;
}

// Called with the PTE lock held; drops it. The old page is written in place if nobody else maps it.
static inline int do_wp_page(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long address, pte_t *ptep,
			     spinlock_t *ptl, pte_t orig_pte)
{
	struct page *old_page = pte_page(orig_pte);

	if (PageAnon(old_page)) {
		if (!trylock_page(old_page)) {
			page_cache_get(old_page);
			pte_unmap_unlock(ptep, ptl);
			lock_page(old_page);
			ptep = pte_offset_map_lock(mm, address, &ptl);
			if (!pte_same(ptep_get(ptep), orig_pte)) {
				unlock_page(old_page);
				pte_unmap_unlock(ptep, ptl);
				page_cache_release(old_page);
				return 0;
			}
			page_cache_release(old_page);
		}
		if (page_mapcount(old_page) == 1) { /* reuse_swap_page() */
			unlock_page(old_page);
			set_pte_at(mm, address, ptep, maybe_mkwrite(pte_mkdirty(pte_mkyoung(orig_pte)), vma));
			pte_unmap_unlock(ptep, ptl);
			return VM_FAULT_WRITE;
		}
		unlock_page(old_page);
	} else if ((vma->vm_flags & (VM_WRITE | VM_SHARED)) == (VM_WRITE | VM_SHARED)) {
		set_pte_at(mm, address, ptep, maybe_mkwrite(pte_mkdirty(pte_mkyoung(orig_pte)), vma));
		set_page_dirty(old_page);
		pte_unmap_unlock(ptep, ptl);
		return VM_FAULT_WRITE;
	}
	page_cache_get(old_page);
	pte_unmap_unlock(ptep, ptl);
	return wp_page_copy(mm, vma, address, orig_pte, old_page);
}
