// SPDX-License-Identifier: GPL-2.0-or-later
// What each advice does to one area. *prev becomes the last area that was looked at; NULL tells that mmap_sem was dropped.
//
// MADV_05 takes back commit 90ed52ebe481: mmap_sem, for write in those days, is dropped for the filesystem's sake.
// MADV_04 takes back commit 9ab4233dd080: a reference of the file while mmap_sem is dropped.
// FIX_MADV_10 is commit 6ea8d958a2c9: *prev is set on every path.
//
// @source mm/madvise.c v4.5: madvise_vma() and what it calls
#pragma once

enum madvise_behavior {
	MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED, MADV_FREE = 8, MADV_REMOVE, MADV_DONTFORK,
	MADV_DOFORK
};

#include "free.h"

#define IS_DAX(file) READ_ONCE((file)->dax)

static inline int madvise_need_mmap_write(int behavior)
{
	switch (behavior) {
#ifndef MADV_05
	case MADV_REMOVE:
#endif
	case MADV_WILLNEED:
	case MADV_DONTNEED:
	case MADV_FREE:
		return 0;
	default:
		return 1;
	}
}

static inline long madvise_behavior(struct vm_area_struct *vma, struct vm_area_struct **prev, unsigned long start,
				    unsigned long end, int behavior)
{
	unsigned long new_flags = vma->vm_flags;

	switch (behavior) {
	case MADV_NORMAL:
		new_flags &= ~(VM_RAND_READ | VM_SEQ_READ);
		break;
	case MADV_SEQUENTIAL:
		new_flags = (new_flags & ~VM_RAND_READ) | VM_SEQ_READ;
		break;
	case MADV_RANDOM:
		new_flags = (new_flags & ~VM_SEQ_READ) | VM_RAND_READ;
		break;
	case MADV_DONTFORK:
		new_flags |= VM_DONTCOPY;
		break;
	case MADV_DOFORK:
		new_flags &= ~VM_DONTCOPY;
		break;
	}
	if (new_flags == vma->vm_flags) {
		*prev = vma;
		return 0;
	}
	*prev = vma_merge(vma->vm_mm, *prev, start, end, new_flags);
	if (*prev) {
		vma = *prev;
	} else {
		*prev = vma;
		if (start != vma->vm_start)
			split_vma(vma, start, 1);
		if (end != vma->vm_end)
			split_vma(vma, end, 0);
	}
	vma->vm_flags = new_flags;
	return 0;
}

// Swapped-out pages are read into the swap cache.
static inline void force_swapin_readahead(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	unsigned long index;

	for (index = start; index != end; index += PAGE_SIZE) {
		spinlock_t *ptl;
		pte_t *orig_pte = pte_offset_map_lock(vma->vm_mm, index, &ptl), pte = ptep_get(orig_pte);
		struct page *page;

		pte_unmap_unlock(orig_pte, ptl);
		if (pte_present(pte) || pte_none(pte) || non_swap_entry(pte_to_swp_entry(pte)))
			continue;
		page = read_swap_cache_async(pte_to_swp_entry(pte));
		if (page)
			page_cache_release(page);
	}
}

// The same of shared memory: the file's tree says what is swapped out.
static inline void force_shm_swapin_readahead(struct vm_area_struct *vma, unsigned long start, unsigned long end,
					      struct address_space *mapping)
{
	for (; start < end; start += PAGE_SIZE) {
		pgoff_t index = ((start - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff;
		struct page *page = find_get_entry(mapping, index);

		if (radix_tree_exceptional_entry(page))
			page = read_swap_cache_async(radix_to_swp_entry(page));
		if (page)
			page_cache_release(page);
	}
}

static inline long madvise_willneed(struct vm_area_struct *vma, struct vm_area_struct **prev, unsigned long start,
				    unsigned long end)
{
	struct file *file = vma->vm_file;

#ifdef FIX_MADV_10
	*prev = vma;
#endif
	if (!file) {
		*prev = vma;
		force_swapin_readahead(vma, start, end);
		return 0;
	}
#ifdef WITH_SHMEM
	*prev = vma;
	force_shm_swapin_readahead(vma, start, end, file->f_mapping);
	return 0;
#endif
	if (IS_DAX(file))
		return 0; /* no bad return value, but ignore advice */
	*prev = vma;
	return 0; /* force_page_cache_readahead() */
}

static inline long madvise_dontneed(struct vm_area_struct *vma, struct vm_area_struct **prev, unsigned long start,
				    unsigned long end)
{
	*prev = vma;
	if (vma->vm_flags & (VM_LOCKED | VM_HUGETLB | VM_PFNMAP))
		return -EINVAL;
	zap_page_range(vma, start, end - start);
	return 0;
}

#ifdef MADV_05
#define remove_unlock(mm) ((void)(mm))
#define remove_relock(mm) ((void)(mm))
#else
#define remove_unlock(mm) mmap_read_unlock(mm)
#define remove_relock(mm) mmap_read_lock(mm)
#endif

static inline long madvise_remove(struct vm_area_struct *vma, struct vm_area_struct **prev, unsigned long start,
				  unsigned long end)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long offset;
	struct file *f;
	long error;

	*prev = NULL; /* tell sys_madvise we drop mmap_sem */
	if (vma->vm_flags & VM_LOCKED)
		return -EINVAL;
	f = vma->vm_file;
	if (!f || !f->f_mapping || !f->f_mapping->host)
		return -EINVAL;
	if ((vma->vm_flags & (VM_SHARED | VM_WRITE)) != (VM_SHARED | VM_WRITE))
		return -EACCES;
	offset = start - vma->vm_start + (vma->vm_pgoff << PAGE_SHIFT);
#ifndef MADV_04
	get_file(f);
#endif
	remove_unlock(mm);
	error = vfs_fallocate(f, offset, end - start);
#ifndef MADV_04
	fput(f);
#endif
	remove_relock(mm);
	return error;
}

static inline long madvise_vma(struct vm_area_struct *vma, struct vm_area_struct **prev, unsigned long start,
			       unsigned long end, int behavior)
{
	switch (behavior) {
	case MADV_REMOVE:
		return madvise_remove(vma, prev, start, end);
	case MADV_WILLNEED:
		return madvise_willneed(vma, prev, start, end);
	case MADV_FREE:
		return madvise_free(vma, prev, start, end); /* there is swap */
	case MADV_DONTNEED:
		return madvise_dontneed(vma, prev, start, end);
	default:
		return madvise_behavior(vma, prev, start, end, behavior);
	}
}
