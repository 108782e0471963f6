// SPDX-License-Identifier: GPL-2.0-or-later
// Changing the list of areas, with mmap_sem held for write.
// @source mm/mmap.c v4.5: vma_merge(), __split_vma(), do_munmap()
#pragma once

// The area before, if it can take [addr, end) in with these flags: all of it, as far as another area's start. What the
// kernel compares besides (policy, anon_vma, userfaultfd) is alike here.
static inline struct vm_area_struct *vma_merge(struct mm_struct *mm, struct vm_area_struct *prev, unsigned long addr,
					       unsigned long end, unsigned long vm_flags)
{
	struct vm_area_struct *next = prev ? prev->vm_next : mm->mmap;

	if (!prev || prev->vm_end != addr || prev->vm_flags != vm_flags || prev->vm_file || !next || next->vm_file)
		return NULL;
	if (prev == next || next->vm_start != addr)
		return NULL;
	prev->vm_end = end;
	if (next->vm_end == end) {
		prev->vm_next = next->vm_next;
		kfree(next);
	} else {
		next->vm_pgoff += (end - next->vm_start) >> PAGE_SHIFT;
		next->vm_start = end;
	}
	return prev;
}

// new_below: the new area is the part before addr, and vma what follows. Whoever walks the areas of a file, without mmap_sem,
// finds each page in one of them.
static inline void split_vma(struct vm_area_struct *vma, unsigned long addr, int new_below)
{
	struct mm_struct *mm = vma->vm_mm;
	struct vm_area_struct *new = kzalloc(sizeof(*new), GFP_KERNEL), **link = &mm->mmap;

	new->vm_mm = mm;
	new->vm_flags = vma->vm_flags;
	new->vm_page_prot = vma->vm_page_prot;
	new->vm_file = vma->vm_file ? get_file(vma->vm_file) : NULL;
	new->vm_pgoff = vma->vm_pgoff;
	if (new->vm_file)
		spin_lock(&new->vm_file->f_mapping->i_mmap_lock); /* vma_adjust() */
	if (new_below) {
		new->vm_start = vma->vm_start;
		new->vm_end = addr;
		vma->vm_pgoff += (addr - vma->vm_start) >> PAGE_SHIFT;
		vma->vm_start = addr;
		while (*link != vma)
			link = &(*link)->vm_next;
		new->vm_next = vma;
		*link = new;
	} else {
		new->vm_start = addr;
		new->vm_end = vma->vm_end;
		new->vm_pgoff += (addr - vma->vm_start) >> PAGE_SHIFT;
		vma->vm_end = addr;
		new->vm_next = vma->vm_next;
		vma->vm_next = new;
	}
	if (vma->anon_vma)
		anon_vma_link(new, vma->anon_vma);
	if (new->vm_file) {
		list_add_tail(&new->shared, &new->vm_file->f_mapping->i_mmap);
		spin_unlock(&new->vm_file->f_mapping->i_mmap_lock);
	}
}

// munmap() of one whole area.
static inline void do_munmap(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct **link = &mm->mmap;

	while (*link != vma)
		link = &(*link)->vm_next;
	*link = vma->vm_next;
	zap_page_range(vma, vma->vm_start, vma->vm_end - vma->vm_start);
	if (vma->vm_file) {
		spin_lock(&vma->vm_file->f_mapping->i_mmap_lock);
		list_del(&vma->shared);
		spin_unlock(&vma->vm_file->f_mapping->i_mmap_lock);
		fput(vma->vm_file);
	}
	kfree(vma);
}
