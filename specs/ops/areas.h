// SPDX-License-Identifier: GPL-2.0-or-later
// Calls that change areas: each holds mmap_sem for write, so that among themselves they are atomic, and what they meet is
// whoever walks page tables and reverse maps without it.
//
// @source mm/mmap.c v4.5
#pragma once
#include "scene.h"

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

static inline long op_fork(void)
{
	dup_mmap(&children[smp_processor_id() % MAX_OPS], &mm);
	return 0;
}
