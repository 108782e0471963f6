// SPDX-License-Identifier: GPL-2.0-or-later
// MADV_COLLAPSE, less what makes one huge page of many: each page is copied and replaced while mmap_sem is held for write.
//
// @source mm/khugepaged.c v6.1: collapse_huge_page()
#pragma once
#include "scene.h"

static inline void collapse_page(struct vm_area_struct *vma, unsigned long addr)
{
	struct page *new_page = alloc_page(GFP_HIGHUSER), *page;
	spinlock_t *ptl;
	pte_t *pte, entry;

	spin_lock(&vma->anon_vma->lock);
	pte = pte_offset_map_lock(&mm, addr, &ptl);
	entry = ptep_get(pte);
	page = pte_present(entry) ? pte_page(entry) : NULL;
	if (!page || !PageAnon(page) || !trylock_page(page))
		goto nothing;
	entry = ptep_clear_flush(&mm, addr, pte);
	if (page_count(page) != 1) { /* somebody has it pinned */
		set_pte_at(&mm, addr, pte, entry);
		unlock_page(page);
		goto nothing;
	}
	smp_rmb();
	copy_highpage(new_page, page);
	__SetPageUptodate(new_page);
	page_add_new_anon_rmap(new_page, vma, addr);
	set_pte_at(&mm, addr, pte, __pte((entry.pte & ~PAGE_MASK) | page_to_pfn(new_page) << PAGE_SHIFT));
	page_remove_rmap(page);
	pte_unmap_unlock(pte, ptl);
	spin_unlock(&vma->anon_vma->lock);
	unlock_page(page);
	put_page(page);
	return;
nothing:
	pte_unmap_unlock(pte, ptl);
	spin_unlock(&vma->anon_vma->lock);
	put_page(new_page);
}

static inline long op_collapse(unsigned long page, unsigned long pages)
{
	unsigned long addr = page_at(page), end = page_at(page + pages);
	struct vm_area_struct *vma;

	down_write(&mm.mmap_sem);
	for (; addr < end; addr += PAGE_SIZE) {
		vma = find_vma(&mm, addr);
		if (vma && vma->vm_start <= addr && vma->anon_vma)
			collapse_page(vma, addr);
	}
	up_write(&mm.mmap_sem);
	return 0;
}
