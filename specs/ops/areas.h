// SPDX-License-Identifier: GPL-2.0-or-later
// Calls that change areas: each holds mmap_sem for write, so that among themselves they are atomic, and what they meet is
// whoever walks page tables and reverse maps without it.
//
// FIX_MIG_24: mremap() flushes before it lets the page table lock go.
//
// @source mm/mmap.c, mm/mprotect.c, mm/mremap.c, mm/mlock.c v4.5
#pragma once
#include "scene.h"
#include "access.h"

// The areas of [start, end), cut at both ends; -ENOMEM where a page is in none.
static inline long cut_areas(unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma = find_vma(&mm, start);
	unsigned long at = start;

	for (; vma && vma->vm_start <= at && at < end; vma = vma->vm_next) {
		if (vma->vm_start < at) {
			split_vma(vma, at, 0);
			vma = vma->vm_next;
		}
		if (vma->vm_end > end)
			split_vma(vma, end, 0);
		at = vma->vm_end;
	}
	return at < end ? -ENOMEM : 0;
}

static inline void unmap_area(struct vm_area_struct *vma)
{
	struct anon_vma *anon_vma = vma->anon_vma;

	if (anon_vma) { /* unlink_anon_vmas() */
		spin_lock(&anon_vma->lock);
		list_del(&vma->anon_vma_node);
		spin_unlock(&anon_vma->lock);
	}
	do_munmap(&mm, vma);
}

static inline void unmap_areas(unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma;

	cut_areas(start, end);
	while ((vma = find_vma(&mm, start)) && vma->vm_start < end)
		unmap_area(vma);
}

static inline long op_munmap(unsigned long page, unsigned long pages)
{
	down_write(&mm.mmap_sem);
	unmap_areas(page_at(page), page_at(page + pages));
	up_write(&mm.mmap_sem);
	return 0;
}

// Anonymous memory at a place of the caller's choice, over what is there.
static inline long op_mmap_fixed(unsigned long page, unsigned long pages)
{
	struct vm_area_struct *vma = kzalloc(sizeof(*vma), GFP_KERNEL), **link = &mm.mmap;
	struct anon_vma *anon_vma = kzalloc(sizeof(*anon_vma), GFP_KERNEL);

	INIT_LIST_HEAD(&anon_vma->head);
	down_write(&mm.mmap_sem);
	unmap_areas(page_at(page), page_at(page + pages));
	vma->vm_mm = &mm;
	vma->vm_start = page_at(page);
	vma->vm_end = page_at(page + pages);
	vma->vm_flags = VM_READ | VM_WRITE | VM_MAYWRITE;
	vma->vm_page_prot = PTE_READONLY;
	anon_vma_link(vma, anon_vma);
	while (*link && (*link)->vm_start < vma->vm_start)
		link = &(*link)->vm_next;
	vma->vm_next = *link;
	*link = vma;
	up_write(&mm.mmap_sem);
	return 0;
}

// Memory at a place of the kernel's choice, which touches no page that is there: mmap_sem is all that others see.
static inline long op_mmap(void)
{
	down_write(&mm.mmap_sem);
	up_write(&mm.mmap_sem);
	return 0;
}

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

static inline long op_fork(void)
{
	dup_mmap(&children[smp_processor_id() % MAX_OPS], &mm);
	return 0;
}

// --- another process at work on this one, which ends

#ifndef NR_PROCESSES
INIT
{
	atomic_set(&mm.mm_users, 1);
}
#endif

static inline void leave_mm(void)
{
	if (atomic_dec_and_test(&mm.mm_users)) { /* exit_mmap() */
		down_write(&mm.mmap_sem);
		unmap_areas(0, page_at(PTRS_PER_PTE));
		up_write(&mm.mmap_sem);
	}
}

static inline long op_exit(void)
{
	leave_mm();
	return 0;
}

// get_task_mm() and mmput() around what another process does.
#define from_outside(op) \
	({ \
		long __ret = -ESRCH; \
		if (atomic_inc_not_zero(&mm.mm_users)) { \
			__ret = (op); \
			leave_mm(); \
		} \
		__ret; \
	})
