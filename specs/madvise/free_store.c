// SPDX-License-Identifier: GPL-2.0-or-later
// A store after MADV_FREE keeps the page, whatever reclaim is about.
// The flush has seen to it that the store sets the PTE's dirty bit anew.
// @source mm/madvise.c v4.5: madvise_free_pte_range()
// @expect all: safe
// @expect[NO_FLUSH] all: violation
#define PTRS_PER_PTE 1
#define NR_TLBS 1
#define WITHOUT_LRU
#define FIX_MADV_07
#define NO_MMAP_WRITER
#include <ringtail.h>
#include "madvise.h"
#include "../lib/user.h"
#include "../lib/invariants.h"
#include "../lib/reclaim.h"

static struct mm_struct mm;
static struct page *page;

INIT
{
	page = map_anon_page(mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL), 0, 1);
	tlb_entry(0, 0) = pte_val(*pte_offset_map(&mm, 0)) | _PAGE_ACCESSED | _PAGE_DIRTY; /* the user has been there */
	get_page(page); /* kswapd's, who has isolated it */
}

THREAD(user)
{
	user_freed(0);
	sys_madvise(&mm, 0, PAGE_SIZE, MADV_FREE);
	user_store(&mm, 0, 2);
	user_load(&mm, 0);
}

THREAD(kswapd)
{
	op_reclaim(page, &mm, 0);
}

MM_INVARIANTS(mm, NULL)
USER_INVARIANTS(mm)
