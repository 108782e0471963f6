// SPDX-License-Identifier: GPL-2.0-or-later
// MADV_WILLNEED drops mmap_sem for the filesystem's sake, and asks the area for its offset afterwards.
// @source mm/madvise.c v5.8: madvise_willneed()
// @bug MADV-06 7867fd7cc44e63c6673cd0f8fea155456d34d0de (v5.9) mm: madvise: fix vma user-after-free
// @expect all: violation (use after free)
// @expect[FIX_MADV_06] all: safe
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/invariants.h"

static struct mm_struct mm;
static struct address_space mapping;

INIT
{
	init_address_space(&mapping);
	mmap_area(&mm, 0, 1, VM_READ, open_file(&mapping));
}

static void vfs_fadvise(struct file *file, unsigned long offset)
{
	BUG_ON(READ_ONCE(file->f_mapping) != &mapping || offset != 0);
}

static void madvise_willneed(struct vm_area_struct *vma, unsigned long start)
{
	struct file *file = vma->vm_file;
	unsigned long offset;

	get_file(file);
#ifdef FIX_MADV_06
	offset = start - vma->vm_start + (vma->vm_pgoff << PAGE_SHIFT);
	up_read(&mm.mmap_sem);
#else
	up_read(&mm.mmap_sem);
	offset = start - vma->vm_start + (vma->vm_pgoff << PAGE_SHIFT);
#endif
	vfs_fadvise(file, offset);
	fput(file);
	down_read(&mm.mmap_sem);
}

THREAD(madvise)
{
	struct vm_area_struct *vma;

	down_read(&mm.mmap_sem);
	vma = find_vma(&mm, 0);
	if (vma)
		madvise_willneed(vma, 0);
	up_read(&mm.mmap_sem);
}

THREAD(munmap)
{
	down_write(&mm.mmap_sem);
	do_munmap(&mm, mm.mmap);
	up_write(&mm.mmap_sem);
}

MM_INVARIANTS(mm, &mapping)
