// SPDX-License-Identifier: GPL-2.0-or-later
// mremap() to another place: the PTEs go there, and nobody may still write through a TLB when the page is found in the new one.
//
// FIX_MIG_24: it flushes before it lets the page table lock go.
//
// @source mm/mremap.c v4.5
#pragma once
#include "areas.h"

static inline void move_ptes(struct vm_area_struct *vma, unsigned long old_addr, unsigned long old_end,
			     unsigned long new_addr)
{
	unsigned long start = old_addr;
	bool force_flush = false;
	spinlock_t *ptl, *rmap = vma->vm_file ? &vma->vm_file->f_mapping->i_mmap_lock : &vma->anon_vma->lock;
	pte_t *old_pte, *new_pte, pte;

	spin_lock(rmap); /* take_rmap_locks(): a walk must not miss the page in both places */
	old_pte = pte_offset_map_lock(&mm, old_addr, &ptl);
	new_pte = pte_offset_map(&mm, new_addr);
	flush_tlb_batched_pending(&mm);
	for (; old_addr < old_end; old_addr += PAGE_SIZE, old_pte++, new_pte++, new_addr += PAGE_SIZE) {
		if (pte_none(ptep_get(old_pte)))
			continue;
		pte = ptep_get_and_clear(&mm, old_addr, old_pte);
		if (pte_present(pte))
			force_flush = true;
		set_pte_at(&mm, new_addr, new_pte, pte);
	}
#ifdef FIX_MIG_24
	if (force_flush)
		flush_tlb_range(&mm, start, old_end);
	pte_unmap_unlock(old_pte, ptl);
#else
	pte_unmap_unlock(old_pte, ptl);
	if (force_flush)
		flush_tlb_range(&mm, start, old_end);
#endif
	spin_unlock(rmap);
}

// One area, or a part of one, to `to`, where nothing is: the new page number, or an error.
static inline long op_mremap(unsigned long page, unsigned long pages, unsigned long to)
{
	struct vm_area_struct *vma, *new, **link = &mm.mmap;
	long ret = -EFAULT;

	down_write(&mm.mmap_sem);
	vma = find_vma(&mm, page_at(page));
	if (!vma || vma->vm_start > page_at(page) || vma->vm_end < page_at(page + pages))
		goto out;
	cut_areas(page_at(page), page_at(page + pages));
	vma = find_vma(&mm, page_at(page));
	new = kzalloc(sizeof(*new), GFP_KERNEL); /* copy_vma() */
	new->vm_mm = &mm;
	new->vm_start = page_at(to);
	new->vm_end = page_at(to + pages);
	new->vm_flags = vma->vm_flags;
	new->vm_page_prot = vma->vm_page_prot;
	new->vm_pgoff = vma->vm_pgoff;
	if (vma->anon_vma)
		anon_vma_link(new, vma->anon_vma);
	if (vma->vm_file) {
		new->vm_file = get_file(vma->vm_file);
		spin_lock(&vma->vm_file->f_mapping->i_mmap_lock);
		list_add_tail(&new->shared, &vma->vm_file->f_mapping->i_mmap);
		spin_unlock(&vma->vm_file->f_mapping->i_mmap_lock);
	}
	while (*link && (*link)->vm_start < new->vm_start)
		link = &(*link)->vm_next;
	new->vm_next = *link;
	*link = new;
	move_ptes(vma, page_at(page), page_at(page + pages), page_at(to));
	unmap_area(vma);
	ret = (long)to;
out:
	up_write(&mm.mmap_sem);
	return ret;
}
