// SPDX-License-Identifier: GPL-2.0-or-later
// Reclaim has cleared a PTE and flushes later; the page's user gives it away meanwhile and still sees it.
// @source mm/rmap.c v4.12: try_to_unmap_one(), try_to_unmap_flush()
// @source mm/madvise.c v4.12: madvise_dontneed()
// @bug MIG-13 3ea277194daa (v4.13) mm, mprotect: flush TLB if potentially racing with a parallel reclaim leaving stale TLB
//   entries
// @seed present
// @expect all: violation (assertion)
// @expect[FIX_MIG_13] all: safe
#define NR_TLBS 1
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#define TTU_BATCH_FLUSH
#define FIX_MADV_07
#define FIX_MADV_08
#define NO_MMAP_WRITER
#include <ringtail.h>
#include "../madvise/madvise.h"
#include "../lib/user.h"
#include "../lib/invariants.h"
#include "../lib/reclaim.h"

static struct mm_struct mm;
static struct page *page;

INIT
{
	page = map_anon_page(mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL), 0, 1);
	set_pte_at(&mm, 0, pte_offset_map(&mm, 0), pte_mkclean(*pte_offset_map(&mm, 0)));
	tlb_entry(0, 0) = pte_val(*pte_offset_map(&mm, 0)) | _PAGE_ACCESSED; /* the user has been there */
	user_word(0) = 1;
	get_page(page); /* kswapd's, who has isolated it */
}

THREAD(user)
{
	op_madvise_dontneed(&mm, 0);
	user_advised(0);
	user_load_or_fault(&mm, 0);
}

THREAD(kswapd)
{
	op_reclaim(page, &mm, 0);
}

MM_INVARIANTS(mm, NULL)
