// SPDX-License-Identifier: GPL-2.0-or-later
// A NUMA-hinting fault moves a page that a CPU still has in its TLB.
// The thread that made the PTE inaccessible flushes at the end of its batch.
// @source mm/mprotect.c v3.12: change_protection_range()
// @source mm/huge_memory.c v3.12: do_huge_pmd_numa_page()
// @bug[MIG_11] MIG-11 20841405940e (v3.13) mm: fix TLB flush race between migration, and change_protection_range
// @expect all: safe
// @expect[MIG_11] all: violation (invariant)
#define NR_TLBS 1
#define PTRS_PER_PTE 1
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
	vma = mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL);
	map_anon_page(vma, 0, 1);
	tlb_entry(0, 0) = pte_val(*pte_offset_map(&mm, 0)); /* the user has been there */
}

THREAD(user)
{
	unsigned long value = 2;

	user_instruction(&mm, 0, true, &value);
}

THREAD(scan)
{
	change_prot_numa(&mm, 0, PAGE_SIZE);
}

THREAD(fault)
{
	do_numa_page(&mm, vma, 0);
}

MM_INVARIANTS(mm, NULL)
