// SPDX-License-Identifier: GPL-2.0-or-later
// MADV_DONTNEED of a huge page finds its PMD none, while somebody else changes it, and returns; the page stays.
// @source mm/huge_memory.c v4.5: madvise_free_huge_pmd(); v4.11: change_huge_pmd()
// @source mm/memory.c v4.5: zap_pmd_range()
// @bug MADV-09 58ceeb6bec86d9140f9d91d71a710e963523d063 (v4.12) thp: fix MADV_DONTNEED vs. MADV_FREE race: the PMD is none
//   for a moment, and what the user gave away is still there
// @seed present
// @expect all: violation (assertion)
// @expect[NUMA_BALANCING] all: violation (assertion)
// @expect[FIX_MADV_09] all: safe
// @expect[FIX_MADV_09, NUMA_BALANCING] all: safe
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/user.h"
#include "../lib/huge.h"
#include "../lib/invariants.h"

static struct mm_struct mm;

INIT
{
	map_huge_page(mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL), 1);
	user_word(0) = 1;
}

THREAD(user)
{
	struct mmu_gather tlb;

	tlb_gather_mmu(&tlb, &mm, 0, PAGE_SIZE);
	zap_pmd_range(&tlb);
	tlb_finish_mmu(&tlb, 0, PAGE_SIZE);
	user_advised(0);
	user_load_huge(&mm);
}

THREAD(other)
{
#ifdef NUMA_BALANCING
	change_huge_pmd(&mm); /* commit ced108037c2a, thp: fix MADV_DONTNEED vs. numa balancing race */
#else
	struct mmu_gather tlb;

	tlb_gather_mmu(&tlb, &mm, 0, PAGE_SIZE);
	madvise_free_huge_pmd(&tlb);
	tlb_finish_mmu(&tlb, 0, PAGE_SIZE);
#endif
}

MM_INVARIANTS(mm, NULL)
