// SPDX-License-Identifier: GPL-2.0-or-later
// A worker for another process gives advice on its memory, while that process dumps its core: the dump walks the areas without
// mmap_sem, since all who have the address space have stopped. The worker has not.
// @source mm/madvise.c v5.6: do_madvise(); fs/coredump.c v5.6, mm/mmap.c v5.6: vma_merge()
// @bug MADV-15 bc0c4d1e176eeb614dc8734fc3ace34292771f11 (v5.7) mm: check that mm is still valid in madvise() (CVE-2020-29372)
// @seed other: the seed's madvise() is for the caller's own memory only
// @expect sc, tso: violation (use after free)   lkmm: violation
// @expect[FIX_MADV_15] all: safe
#define PTRS_PER_PTE 4
#define WITHOUT_LRU
#include <ringtail.h>
#include "../madvise/madvise.h"
#include "../lib/invariants.h"

static struct mm_struct mm;
static bool core_state; /* of the mm, under mmap_sem: it is being dumped */

INIT
{
	mmap_area(&mm, 0, 2, VM_READ | VM_RAND_READ, NULL);
	mmap_area(&mm, 2 * PAGE_SIZE, 2, VM_READ, NULL);
}

// do_madvise() of the second area, which joins the first: the one call that changes the list.
static void do_madvise(void)
{
	struct vm_area_struct *prev = mm.mmap;

	down_write(&mm.mmap_sem);
#ifdef FIX_MADV_15
	if (core_state) /* !mmget_still_valid() */
		goto out;
#endif
	madvise_behavior(mm.mmap->vm_next, &prev, 2 * PAGE_SIZE, 4 * PAGE_SIZE, MADV_RANDOM);
#ifdef FIX_MADV_15
out:
#endif
	up_write(&mm.mmap_sem);
}

THREAD(io_uring_worker) { do_madvise(); }

THREAD(dumper)
{
	struct vm_area_struct *vma;
	unsigned long bytes = 0;

	down_write(&mm.mmap_sem);
	core_state = true; /* coredump_wait(): from here on nobody changes anything */
	up_write(&mm.mmap_sem);
	for (vma = mm.mmap; vma; vma = vma->vm_next) /* elf_core_dump() */
		bytes += vma->vm_end - vma->vm_start;
	assert(bytes == 4 * PAGE_SIZE);
}

MM_INVARIANTS(mm, NULL)
