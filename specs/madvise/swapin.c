// SPDX-License-Identifier: GPL-2.0-or-later
// A page that is swapped out comes back: by its user's fault, while somebody else advises that it will be needed.
// Both read the slot into the swap cache, once; or the advice is that it is not needed any more, and the slot goes.
// @source mm/madvise.c v4.5: swapin_walk_pmd_entry(), madvise_free_pte_range()
// @source mm/memory.c v4.5: do_swap_page(), zap_pte_range()
// @expect all: safe
// @expect[ADVICE_FREE] all: safe
// @expect[ADVICE_DONTNEED] all: safe
#define PTRS_PER_PTE 1
#define NR_SWAP_SLOTS 1
#define WITHOUT_LRU
#define NO_MMAP_WRITER
#include <ringtail.h>
#include "madvise.h"
#include "../lib/user.h"
#include "../lib/invariants.h"

static struct mm_struct mm;

INIT
{
	init_address_space(&swapper_space);
	mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL);
	mm.pgt[0] = swp_entry_to_pte(swp_entry(0));
	swap_info.swap_map[0] = 1;
	swap_info.disk[0] = 7;
	user_word(0) = 7;
#if defined(ADVICE_FREE) || defined(ADVICE_DONTNEED)
	user_shares_advice(0);
#endif
}

THREAD(user)
{
	handle_mm_fault(&mm, mm.mmap, 0, 0); /* mmap_sem, which nobody takes for write, is left out */
}

THREAD(other)
{
#ifdef ADVICE_FREE
	sys_madvise(&mm, 0, PAGE_SIZE, MADV_FREE);
#elif defined(ADVICE_DONTNEED)
	sys_madvise(&mm, 0, PAGE_SIZE, MADV_DONTNEED);
#else
	sys_madvise(&mm, 0, PAGE_SIZE, MADV_WILLNEED);
#endif
}

MM_INVARIANTS(mm, NULL)
USER_INVARIANTS(mm)
SWAP_INVARIANTS(mm)
