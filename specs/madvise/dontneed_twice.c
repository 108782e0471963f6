// SPDX-License-Identifier: GPL-2.0-or-later
// Two threads give the same range away; the second finds nothing to do, and its user still sees the old page.
// The first has yet to flush.
// @source mm/madvise.c v4.5: madvise_dontneed()
// @source mm/memory.c v4.5: zap_page_range(), tlb_finish_mmu()
// @bug MADV-08 99baac21e458 (v4.13) mm: fix MADV_[FREE|DONTNEED] TLB flush miss problem: who finds a PTE cleared by another
//   batch does not flush
// @seed present
// @expect all: violation (assertion)
// @expect[FIX_MADV_08] all: safe
#define NR_TLBS 1
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#define NO_MMAP_WRITER
#include <ringtail.h>
#include "madvise.h"
#include "../lib/user.h"
#include "../lib/invariants.h"

static struct mm_struct mm;
static struct mmu_gather tlb; /* of the other thread */

INIT
{
	map_anon_page(mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL), 0, 1);
	tlb_entry(0, 0) = pte_val(*pte_offset_map(&mm, 0)) | _PAGE_DIRTY; /* the user has been there */
	user_word(0) = 1;
	tlb_gather_mmu(&tlb, &mm, 0, PAGE_SIZE); /* the other thread is in zap_page_range() already */
}

THREAD(user)
{
	sys_madvise(&mm, 0, PAGE_SIZE, MADV_DONTNEED);
	user_advised(0);
	user_load_or_fault(&mm, 0);
}

THREAD(other)
{
	zap_pte_range(&tlb, mm.mmap, 0, PAGE_SIZE);
	tlb_finish_mmu(&tlb, 0, PAGE_SIZE);
}

MM_INVARIANTS(mm, NULL)
USER_INVARIANTS(mm)
