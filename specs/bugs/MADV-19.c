// SPDX-License-Identifier: GPL-2.0-or-later
// The OOM reaper gives the memory of a victim away as MADV_DONTNEED would, but says that it is the end of the address space.
// A machine that need not flush then (arm64, which gives the address space a new number) does not: the victim still runs.
// @source mm/oom_kill.c v4.14: __oom_reap_task_mm(); arch/arm64/include/asm/tlb.h v4.14: tlb_flush()
// @bug MADV-19 687cb0884a714ff484d038e9190edc874edcf146 (v4.15) mm, oom_reaper: gather each vma to prevent leaking TLB entry
//   (CVE-2017-18202)
// @expect all: violation (use after free)
// @expect[FIX_MADV_19] all: safe
#define PTRS_PER_PTE 1
#define NR_TLBS 1
#define WITHOUT_LRU
#define NO_MMAP_WRITER
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/user.h"
#include "../lib/invariants.h"

static struct mm_struct mm;

INIT
{
	map_anon_page(mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL), 0, 1);
	tlb_entry(0, 0) = pte_val(mm.pgt[0]); /* the victim has been there */
}

static void __oom_reap_task_mm(void)
{
	struct mmu_gather tlb;

#ifdef FIX_MADV_19
	tlb_gather_mmu(&tlb, &mm, 0, PAGE_SIZE);
#else
	tlb_gather_mmu(&tlb, &mm, 0, -1UL);
	tlb.fullmm = 1; /* so says that range */
#endif
	zap_pte_range(&tlb, mm.mmap, 0, PAGE_SIZE);
	if (tlb.fullmm)
		__tlb_reset_range(&tlb); /* tlb_flush() of arm64 */
	tlb_finish_mmu(&tlb, 0, PAGE_SIZE);
}

THREAD(victim)
{
	unsigned long value = 2;

	user_instruction(&mm, 0, true, &value);
}

THREAD(oom_reaper) { __oom_reap_task_mm(); }

MM_INVARIANTS(mm, NULL)
