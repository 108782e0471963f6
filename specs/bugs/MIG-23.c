// SPDX-License-Identifier: GPL-2.0-or-later
// A CPU switches to an address space and reads a page table; another takes a page out of it, and sees no CPU to interrupt.
// @source arch/x86/include/asm/mmu_context.h, arch/x86/mm/tlb.c v4.4: switch_mm(), flush_tlb_page()
// @bug MIG-23 71b3c126e61177eb693423f2e18a1914205b165e (v4.5) x86/mm: Add barriers and document switch_mm()-vs-flush
//   synchronization (CVE-2016-2069): the flusher may look at mm_cpumask before its store to the PTE is seen
// @expect sc: safe   tso, lkmm: violation (use after free)
// @expect[FIX_MIG_23] all: safe
// @expect[FIX_MIG_23, NO_CR3_BARRIER] sc, tso: safe   lkmm: violation (use after free)
#define NR_TLBS 1
#define PTRS_PER_PTE 1
#define SWITCH_MM
#define WITHOUT_LRU
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/user.h"
#include "../lib/invariants.h"

static struct mm_struct mm;
static struct page *page;

INIT
{
	page = map_anon_page(mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL), 0, 7);
	pte_offset_map(&mm, 0)->pte |= _PAGE_ACCESSED;
}

static void switch_mm(struct mm_struct *next)
{
	set_bit(smp_processor_id(), &next->cpu_vm_mask); /* cpumask_set_cpu(): on x86, a full barrier too */
#ifndef NO_CR3_BARRIER
	smp_mb(); /* load_cr3() serialises */
#endif
}

THREAD(switcher)
{
	unsigned long value;

	switch_mm(&mm);
	user_instruction(&mm, 0, false, &value); /* it may fault; that is not the matter here */
}

// As for a CPU that runs another address space: its own TLB has nothing of this one.
THREAD(flusher)
{
	pte_t *ptep = pte_offset_map(&mm, 0);

	spin_lock(&mm.page_table_lock);
	pte_clear(&mm, 0, ptep);
#ifdef FIX_MIG_23
	smp_mb();
#endif
	flush_tlb_page(&mm, 0);
	page_remove_rmap(page);
	spin_unlock(&mm.page_table_lock);
	put_page(page);
}

MM_INVARIANTS(mm, NULL)
