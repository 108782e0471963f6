// SPDX-License-Identifier: GPL-2.0-or-later
// Two threads scan for NUMA hints; the one that is done first says that no flush is pending.
// Then a page is moved away from under a CPU that still has it in its TLB, since the other has not flushed yet.
// @source mm/mprotect.c v4.12: change_protection_range()
// @bug MIG-12 16af97dc5a89 (v4.13) mm: migrate: prevent racy access to tlb_flush_pending: tlb_flush_pending is a flag, and
//   the first to flush clears it for all
// @bug[FIX_MIG_12, NO_PENDING_BARRIER] MIG-12 0a2c40487f3e (v4.13) mm: migrate: fix barriers around tlb_flush_pending
// Of the second we have the subject and that barriers were missing. What it takes here is that the look at the count comes
// before the copy of the page: else the copy may miss a store that was made before the flush that is seen to be done.
// @expect all: violation (invariant)
// @expect[FIX_MIG_12, NO_PENDING_BARRIER] sc, tso: safe   lkmm: violation (assertion)
// @expect[FIX_MIG_12] all: safe
#define NR_TLBS 1
#define PTRS_PER_PTE 2
#define WITHOUT_LRU
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/user.h"
#include "../lib/invariants.h"
#include "../lib/protect.h"

static struct mm_struct mm;
static struct vm_area_struct *vma;

INIT
{
	vma = mmap_area(&mm, 0, 2, VM_READ | VM_WRITE, NULL);
	map_anon_page(vma, 0, 1);
	user_word(0) = 1;
	tlb_entry(0, 0) = pte_val(*pte_offset_map(&mm, 0)); /* the user has been there */
}

THREAD(user)
{
	unsigned long value = 2;

	if (user_instruction(&mm, 0, true, &value))
		user_stored(0, 2);
}

THREAD(scan)
{
	change_prot_numa(&mm, 0, PAGE_SIZE);
}

// Another thread of the process: scans the page behind, of which there is nothing, and then faults on the first.
THREAD(scan_and_fault)
{
	change_prot_numa(&mm, PAGE_SIZE, 2 * PAGE_SIZE);
	do_numa_page(&mm, vma, 0);
}

MM_INVARIANTS(mm, NULL)
USER_INVARIANTS(mm)
