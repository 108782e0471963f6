// SPDX-License-Identifier: GPL-2.0-or-later
// The walk over areas, one thread: holes, and areas that advice splits and joins.
// Holes are passed over and told of in the end; areas are split where advice begins and ends, and joined with the one before
// where they are alike again.
// @source mm/madvise.c v4.5: sys_madvise(), madvise_behavior()
// @source mm/mmap.c v4.5: vma_merge(), split_vma()
// @expect all: safe
#define PTRS_PER_PTE 8
#include <ringtail.h>
#include "madvise.h"
#include "../lib/invariants.h"

static struct mm_struct mm;

INIT
{
	mmap_area(&mm, 0, 4, VM_READ | VM_WRITE, NULL);
	mmap_area(&mm, 6 * PAGE_SIZE, 2, VM_READ, NULL); /* and nothing from 4 to 6 */
}

static bool area_is(int n, unsigned long start, unsigned long end, unsigned long flags)
{
	struct vm_area_struct *vma = mm.mmap;

	while (n-- && vma)
		vma = vma->vm_next;
	return vma && vma->vm_start == start * PAGE_SIZE && vma->vm_end == end * PAGE_SIZE &&
	       (vma->vm_flags & (VM_RAND_READ | VM_SEQ_READ)) == flags;
}

THREAD(madvise)
{
	switch (choose(0, 4)) {
	case 0:
		assert(sys_madvise(&mm, 1, PAGE_SIZE, MADV_RANDOM) == -EINVAL);
		assert(sys_madvise(&mm, 0, -1UL, MADV_RANDOM) == -EINVAL);
		assert(sys_madvise(&mm, 0, 0, MADV_RANDOM) == 0);
		assert(sys_madvise(&mm, 8 * PAGE_SIZE, PAGE_SIZE, MADV_RANDOM) == -ENOMEM);
		assert(area_is(0, 0, 4, 0));
		break;
	case 1: /* an area of its own in the middle */
		assert(sys_madvise(&mm, PAGE_SIZE, PAGE_SIZE, MADV_RANDOM) == 0);
		assert(area_is(0, 0, 1, 0) && area_is(1, 1, 2, VM_RAND_READ) && area_is(2, 2, 4, 0));
		break;
	case 2: /* what follows an area that is alike joins it */
		assert(sys_madvise(&mm, 0, PAGE_SIZE, MADV_RANDOM) == 0);
		assert(sys_madvise(&mm, PAGE_SIZE, PAGE_SIZE, MADV_RANDOM) == 0);
		assert(area_is(0, 0, 2, VM_RAND_READ) && area_is(1, 2, 4, 0) && area_is(2, 6, 8, 0));
		break;
	case 3: /* over the hole */
		assert(sys_madvise(&mm, 2 * PAGE_SIZE, 5 * PAGE_SIZE, MADV_SEQUENTIAL) == -ENOMEM);
		assert(area_is(0, 0, 2, 0) && area_is(1, 2, 4, VM_SEQ_READ));
		assert(area_is(2, 6, 7, VM_SEQ_READ) && area_is(3, 7, 8, 0));
		break;
	case 4: /* from a hole, advice that changes no area */
		assert(sys_madvise(&mm, 5 * PAGE_SIZE, 2 * PAGE_SIZE, MADV_DONTNEED) == -ENOMEM);
		assert(area_is(0, 0, 4, 0) && area_is(1, 6, 8, 0));
		break;
	}
}

MM_INVARIANTS(mm, NULL)
