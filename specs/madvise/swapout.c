// SPDX-License-Identifier: GPL-2.0-or-later
// Reclaim writes a page out to swap while its user still stores to it, or faults on it again.
// What is stored before the PTE goes is written out; who comes later waits for the page lock and finds the page in the
// swap cache, or reads it in anew.
// @source mm/vmscan.c v4.5: shrink_page_list(), __remove_mapping(); mm/memory.c v4.5: do_swap_page()
// @expect all: safe
// @expect[FAULT] all: safe
// @expect[FAULT, NO_FREEZE] all: violation
#define PTRS_PER_PTE 1
#define NR_TLBS 1
#define NR_SWAP_SLOTS 1
#define WITHOUT_LRU
#define NO_MMAP_WRITER
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/user.h"
#include "../lib/invariants.h"

static struct mm_struct mm;
static struct page *page;

INIT
{
	init_address_space(&swapper_space);
	page = map_anon_page(mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL), 0, 1);
	tlb_entry(0, 0) = pte_val(*pte_offset_map(&mm, 0)) | _PAGE_ACCESSED; /* the user has been there */
	user_word(0) = 1;
	get_page(page); /* kswapd's, who has isolated it */
}

THREAD(user)
{
#ifdef FAULT
	handle_mm_fault(&mm, mm.mmap, 0, FAULT_FLAG_WRITE);
#else
	unsigned long value = 2;

	if (user_instruction(&mm, 0, true, &value))
		user_stored(0, 2);
#endif
}

THREAD(kswapd)
{
	op_swap_out(page, &mm, 0, 0);
}

MM_INVARIANTS(mm, NULL)
USER_INVARIANTS(mm)
SWAP_INVARIANTS(mm)
