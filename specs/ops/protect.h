// SPDX-License-Identifier: GPL-2.0-or-later
// mprotect(), mlock() and munlock(): what areas allow, and that their pages stay.
//
// @source mm/mprotect.c, mm/mlock.c v4.5
#pragma once
#include "areas.h"
#include "access.h"

static inline void change_pte_protection(struct vm_area_struct *vma, unsigned long addr, unsigned long end)
{
	unsigned long start = addr;
	spinlock_t *ptl;
	pte_t *pte = pte_offset_map_lock(&mm, addr, &ptl), ptent;

	flush_tlb_batched_pending(&mm);
	for (; addr < end; pte++, addr += PAGE_SIZE) {
		ptent = ptep_get(pte);
		if (pte_present(ptent)) {
			ptent = ptep_get_and_clear(&mm, addr, pte); /* ptep_modify_prot_start() */
			if (!(vma->vm_flags & VM_WRITE))
				ptent = pte_wrprotect(ptent);
			set_pte_at(&mm, addr, pte, ptent);
		} else if (is_swap_pte(ptent) && !(vma->vm_flags & VM_WRITE)) {
			if (is_write_migration_entry(pte_to_swp_entry(ptent)))
				set_pte_at(&mm, addr, pte, __pte(pte_val(ptent) & ~_PAGE_MIGRATION_WRITE));
		}
	}
	pte_unmap_unlock(pte, ptl);
	flush_tlb_range(&mm, start, end);
}

// A page becomes writable where it is written to: its PTE stays as it is.
static inline long op_mprotect(unsigned long page, unsigned long pages, unsigned long prot)
{
	unsigned long start = page_at(page), end = page_at(page + pages);
	struct vm_area_struct *vma;
	long error;

	down_write(&mm.mmap_sem);
	error = cut_areas(start, end);
	for (vma = find_vma(&mm, start); !error && vma && vma->vm_start < end; vma = vma->vm_next) {
		vma->vm_flags = (vma->vm_flags & ~(VM_READ | VM_WRITE)) | prot;
		change_pte_protection(vma, vma->vm_start, vma->vm_end);
	}
	up_write(&mm.mmap_sem);
	return error;
}

// mlock(): the flag, and then the pages, with mmap_sem for read.
static inline long op_mlock(unsigned long page, unsigned long pages)
{
	unsigned long addr = page_at(page), end = page_at(page + pages);
	struct vm_area_struct *vma;
	struct page *target;
	long error;

	down_write(&mm.mmap_sem);
	error = cut_areas(addr, end);
	for (vma = find_vma(&mm, addr); !error && vma && vma->vm_start < end; vma = vma->vm_next)
		vma->vm_flags |= VM_LOCKED;
	up_write(&mm.mmap_sem);
	if (error)
		return error;
	mmap_read_lock(&mm); /* __mm_populate(), which tells only of a hole */
	for (; addr < end; addr += PAGE_SIZE) {
		vma = find_vma(&mm, addr);
		if (!vma || vma->vm_start > addr) {
			error = -ENOMEM;
			break;
		}
		if (get_user_page(&mm, addr, (vma->vm_flags & (VM_WRITE | VM_SHARED)) == VM_WRITE, false, &target) > 0) {
			works_on_page();
			put_page(target);
		}
	}
	mmap_read_unlock(&mm);
	return error;
}

static inline long op_munlock(unsigned long page, unsigned long pages)
{
	unsigned long start = page_at(page), end = page_at(page + pages);
	struct vm_area_struct *vma;
	long error;

	down_write(&mm.mmap_sem);
	error = cut_areas(start, end);
	for (vma = find_vma(&mm, start); !error && vma && vma->vm_start < end; vma = vma->vm_next)
		vma->vm_flags &= ~VM_LOCKED;
	up_write(&mm.mmap_sem);
	return error;
}
