// SPDX-License-Identifier: GPL-2.0-or-later
// Direct I/O reads into a page that MADV_FREE has made discardable; reclaim discards it, and the user loads zero.
// @source mm/rmap.c v5.17: try_to_unmap_one(); mm/vmscan.c v5.17: shrink_page_list()
// @source mm/gup.c v5.17: gup_pte_range(); block/bio.c v5.17: bio_check_pages_dirty()
// @bug MADV-07 6c8e2a256915a223f6289f651d6b926cd7135c9e (v5.18) mm: fix race between MADV_FREE reclaim and blkdev direct IO
//   read: a page that somebody else has pinned is discarded because it is not dirty yet
// @expect all: violation (assertion)
// @expect[FIX_MADV_07] all: safe
// @expect[FIX_MADV_07, NO_BARRIERS] sc, tso: safe   lkmm: violation (assertion)
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#define TTU_BATCH_FLUSH /* the flush is deferred, and orders nothing */
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/user.h"
#include "../lib/invariants.h"
#include "../lib/reclaim.h"

static struct mm_struct mm;
static struct page *page;

INIT
{
	pte_t *ptep = pte_offset_map(&mm, 0);

	page = map_anon_page(mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL), 0, 1);
	set_pte_at(&mm, 0, ptep, pte_mkclean(pte_mkold(*ptep))); /* MADV_FREE */
	user_word(0) = 1;
	user_freed(0);
	ClearPageSwapBacked(page);
	get_page(page); /* kswapd's, who has isolated it */
}

static struct page *get_user_pages_fast(unsigned long addr)
{
	pte_t *ptep = pte_offset_map(&mm, addr), pte = ptep_get(ptep);

	if (!pte_present(pte) || !get_page_unless_zero(pte_page(pte)))
		return NULL;
	if (pte_val(pte) != pte_val(ptep_get(ptep))) {
		put_page(pte_page(pte));
		return NULL;
	}
	return pte_page(pte);
}

THREAD(user)
{
	struct page *pinned = get_user_pages_fast(0);

	if (!pinned)
		return;
	page_write(pinned, 2); /* the device */
	set_page_dirty(pinned);
	put_page(pinned);
	user_stored(0, 2); /* read() has returned */
}

THREAD(kswapd)
{
	op_reclaim(page, &mm, 0);
}

MM_INVARIANTS(mm, NULL)
USER_INVARIANTS(mm)
