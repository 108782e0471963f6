// SPDX-License-Identifier: GPL-2.0-or-later
// Everything of mm that kernel paths share, in the order in which one part needs another.
#pragma once

#include "page.h"
#include "pgtable.h"
#include "vma.h"
#include "filemap.h"
#include "rmap.h"
#include "tlb.h"
#include "fault.h"
#include "gup.h"
#include "zap.h"
#include "mmap.h"

#define PTE_READONLY (_PAGE_PRESENT | _PAGE_ACCESSED)

// An area [start, start + pages) at the end of mm's list, as INIT makes it; file NULL: anonymous.
static inline struct vm_area_struct *mmap_area(struct mm_struct *mm, unsigned long start, unsigned long pages,
					       unsigned long flags, struct file *file)
{
	struct vm_area_struct *vma = kzalloc(sizeof(*vma), GFP_KERNEL), **last = &mm->mmap;

	vma->vm_mm = mm;
	vma->vm_start = start;
	vma->vm_end = start + pages * PAGE_SIZE;
	vma->vm_flags = flags;
	vma->vm_page_prot = PTE_READONLY;
	while (*last)
		last = &(*last)->vm_next;
	*last = vma;
	if (file) {
		vma->vm_file = get_file(file);
		list_add_tail(&vma->shared, &file->f_mapping->i_mmap);
		if (flags & VM_SHARED)
			atomic_inc(&file->f_mapping->i_mmap_writable);
	} else {
		struct anon_vma *anon_vma = kzalloc(sizeof(*anon_vma), GFP_KERNEL);

		INIT_LIST_HEAD(&anon_vma->head);
		anon_vma_link(vma, anon_vma);
	}
	return vma;
}

static inline struct file *open_file(struct address_space *mapping)
{
	struct file *file = kzalloc(sizeof(*file), GFP_KERNEL);

	file->f_mapping = mapping;
	atomic_long_set(&file->f_count, 1);
	return file;
}

// What an area's first access would have done before the spec begins.
static inline struct page *map_anon_page(struct vm_area_struct *vma, unsigned long addr, unsigned long contents)
{
	struct page *page;

	(void)do_anonymous_page(vma->vm_mm, vma, addr);
	page = pte_page(*pte_offset_map(vma->vm_mm, addr));
	page_write(page, contents);
	return page;
}
