// SPDX-License-Identifier: GPL-2.0-or-later
// Two threads give the same page to MADV_FREE; the second finds it clean, and what its user stores then is lost.
// The first has yet to flush, so that the store goes through an entry that is dirty already and leaves the PTE clean.
// @source mm/madvise.c v4.12: madvise_free_pte_range(), madvise_free_single_vma()
// @source mm/rmap.c v4.12: try_to_unmap_one()
// @bug[FREE_SHORTCUT] MADV-08 99baac21e458 (v4.13) mm: fix MADV_[FREE|DONTNEED] TLB flush miss problem: who finds a PTE
//   cleaned by another batch does not flush
// @seed other: the seed cleans, and flushes, every PTE that is present
// @expect all: safe
// @expect[FREE_SHORTCUT] all: violation (assertion)
// @expect[FREE_SHORTCUT, FIX_MADV_08] all: safe
#define NR_TLBS 1
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#define NO_MMAP_WRITER
#define FIX_MADV_07
#include <ringtail.h>
#include "madvise.h"
#include "../lib/user.h"
#include "../lib/invariants.h"
#include "../lib/reclaim.h"

static struct mm_struct mm;
static struct mmu_gather tlb; /* of the other thread */
static struct page *page;

INIT
{
	page = map_anon_page(mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL), 0, 1);
	mm.pgt[0] = pte_mkyoung(pte_mkdirty(mm.pgt[0]));
	tlb_entry(0, 0) = pte_val(mm.pgt[0]); /* the user has been there */
	get_page(page);                /* kswapd's, who has isolated it */
	tlb_gather_mmu(&tlb, &mm, 0, PAGE_SIZE);
	madvise_free_pte_range(&tlb, 0, PAGE_SIZE); /* the other thread has come so far */
}

THREAD(user)
{
	user_freed(0);
	sys_madvise(&mm, 0, PAGE_SIZE, MADV_FREE);
	user_store(&mm, 0, 2);
}

THREAD(other)
{
	tlb_finish_mmu(&tlb, 0, PAGE_SIZE);
}

// Later: reclaim finds the page.
FINALLY
{
	op_reclaim(page, &mm, 0);
}

MM_INVARIANTS(mm, NULL)
USER_INVARIANTS(mm)
