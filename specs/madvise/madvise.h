// SPDX-License-Identifier: GPL-2.0-or-later
// madvise(2) as Linux 4.5-rc has it: a walk over the areas of a range with the advice of each. Advice that changes an area
// holds mmap_sem for write; the rest holds it for read, and MADV_REMOVE drops it on the way. current->mm is a parameter.
// @source mm/madvise.c v4.5: sys_madvise()
#pragma once

#include "../lib/mm.h"
#include "advice.h"

static inline long sys_madvise(struct mm_struct *mm, unsigned long start, unsigned long len_in, int behavior)
{
	unsigned long end, tmp, len = (len_in + ~PAGE_MASK) & PAGE_MASK;
	struct vm_area_struct *vma, *prev;
	int write = madvise_need_mmap_write(behavior);
	long unmapped_error = 0, error = -EINVAL;

	if (start & ~PAGE_MASK)
		return error;
	if (len_in && !len)
		return error;
	end = start + len;
	if (end < start)
		return error;
	error = 0;
	if (end == start)
		return error;
	if (write)
		down_write(&mm->mmap_sem);
	else
		mmap_read_lock(mm);
	vma = find_vma_prev(mm, start, &prev);
	if (vma && start > vma->vm_start)
		prev = vma;
	for (;;) {
		error = -ENOMEM;
		if (!vma)
			goto out;
		if (start < vma->vm_start) { /* a hole: go on, and say so in the end */
			unmapped_error = -ENOMEM;
			start = vma->vm_start;
			if (start >= end)
				goto out;
		}
		tmp = vma->vm_end;
		if (end < tmp)
			tmp = end;
		error = madvise_vma(vma, &prev, start, tmp, behavior);
		if (error)
			goto out;
		start = tmp;
		if (prev && start < prev->vm_end)
			start = prev->vm_end;
		error = unmapped_error;
		if (start >= end)
			goto out;
		if (prev)
			vma = prev->vm_next;
		else
			vma = find_vma(mm, start);
	}
out:
	if (write)
		up_write(&mm->mmap_sem);
	else
		mmap_read_unlock(mm);
	return error;
}

// Advice for one page.
static inline long op_madvise_dontneed(struct mm_struct *mm, unsigned long addr)
{
	return sys_madvise(mm, addr, PAGE_SIZE, MADV_DONTNEED);
}

static inline long op_madvise_free(struct mm_struct *mm, unsigned long addr)
{
	return sys_madvise(mm, addr, PAGE_SIZE, MADV_FREE);
}
