// SPDX-License-Identifier: GPL-2.0-or-later
// What CPUs remember of page tables. A CPU that runs user code (the first NR_TLBS threads of a spec) has an entry for each
// address; an entry is a PTE as it was when the CPU walked the table, and stays until it is flushed. An access by a user
// is one instruction: it looks up and uses the entry within cpu_tlb.step, which an interrupt that flushes waits for.
//
// mmu_gather collects what a walk over PTEs takes away, flushes once and frees the pages then.
//
// @source include/asm-generic/tlb.h, mm/memory.c, arch/x86/mm/tlb.c v4.5, v4.13 (nested flushes)
#pragma once

#ifndef NR_TLBS
#define NR_TLBS 0
#endif

struct cpu_tlb {
	spinlock_t step;
	unsigned long entry[PTRS_PER_PTE];
};

static struct cpu_tlb cpu_tlb[NR_TLBS + 1];

#define tlb_entry(cpu, addr) cpu_tlb[cpu].entry[((addr) >> PAGE_SHIFT) % PTRS_PER_PTE]

// Which CPUs have the mm's page table loaded: all of them, but in specs that switch to it meanwhile.
#ifdef SWITCH_MM
#define runs_on(mm, cpu) test_bit(cpu, &(mm)->cpu_vm_mask)
#else
#define runs_on(mm, cpu) ((void)(mm), true)
#endif

static inline void flush_tlb_range(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	unsigned long addr;
	int cpu;

	for (cpu = 0; cpu < NR_TLBS; cpu++) {
		if (!runs_on(mm, cpu))
			continue;
		spin_lock(&cpu_tlb[cpu].step); /* the interrupt, between two instructions of that CPU */
		for (addr = start; addr < end; addr += PAGE_SIZE)
			WRITE_ONCE(tlb_entry(cpu, addr), 0);
		spin_unlock(&cpu_tlb[cpu].step);
	}
}

#define flush_tlb_page(mm, addr) flush_tlb_range(mm, addr, (addr) + PAGE_SIZE)

static inline pte_t ptep_clear_flush(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	pte_t pte = ptep_get_and_clear(mm, addr, ptep);

	if (pte_present(pte))
		flush_tlb_page(mm, addr);
	return pte;
}

// --- who changes PTEs without flushing at once says so (v4.13: a counter)

static inline void inc_tlb_flush_pending(struct mm_struct *mm)
{
	atomic_inc(&mm->tlb_flush_pending);
}

static inline void dec_tlb_flush_pending(struct mm_struct *mm)
{
	smp_mb__before_atomic();
	atomic_dec(&mm->tlb_flush_pending);
}

static inline bool mm_tlb_flush_nested(struct mm_struct *mm)
{
	return atomic_read(&mm->tlb_flush_pending) > 1;
}

// --- reclaim flushes once for many pages (v4.3); who then finds nothing to flush must know (FIX_MIG_13: since v4.13)

static inline void set_tlb_ubc_flush_pending(struct mm_struct *mm)
{
#ifdef FIX_MIG_13
	WRITE_ONCE(mm->tlb_flush_batched, 1);
#else
	(void)mm;
#endif
}

static inline void flush_tlb_batched_pending(struct mm_struct *mm)
{
#ifdef FIX_MIG_13
	if (READ_ONCE(mm->tlb_flush_batched)) {
		flush_tlb_range(mm, 0, PTRS_PER_PTE << PAGE_SHIFT);
		WRITE_ONCE(mm->tlb_flush_batched, 0);
	}
#else
	(void)mm;
#endif
}

// --- batches

#define MMU_GATHER_BUNDLE 4

struct mmu_gather {
	struct mm_struct *mm;
	unsigned long start, end;
	unsigned long fullmm, nr;
	struct page *pages[MMU_GATHER_BUNDLE];
};

static inline void __tlb_reset_range(struct mmu_gather *tlb)
{
	tlb->start = PTRS_PER_PTE << PAGE_SHIFT;
	tlb->end = 0;
}

static inline void __tlb_adjust_range(struct mmu_gather *tlb, unsigned long address, unsigned long size)
{
	tlb->start = min(tlb->start, address);
	tlb->end = max(tlb->end, address + size);
}

static inline void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm, unsigned long start, unsigned long end)
{
	(void)start;
	(void)end;
	tlb->mm = mm;
	tlb->fullmm = 0;
	tlb->nr = 0;
	__tlb_reset_range(tlb);
#ifdef FIX_MADV_08
	inc_tlb_flush_pending(mm);
#endif
}

#define tlb_remove_tlb_entry(tlb, ptep, addr) __tlb_adjust_range(tlb, addr, PAGE_SIZE)
#define tlb_start_vma(tlb, vma) do { } while (0)
#define tlb_end_vma(tlb, vma) do { } while (0)

static inline bool __tlb_remove_page(struct mmu_gather *tlb, struct page *page)
{
	tlb->pages[tlb->nr++] = page;
	return tlb->nr < MMU_GATHER_BUNDLE;
}

static inline void tlb_flush_mmu(struct mmu_gather *tlb)
{
	unsigned long i;

	if (tlb->end) {
		flush_tlb_range(tlb->mm, tlb->start, tlb->end);
		__tlb_reset_range(tlb);
	}
	for (i = 0; i < tlb->nr; i++)
		put_page(tlb->pages[i]);
	tlb->nr = 0;
}

static inline void tlb_finish_mmu(struct mmu_gather *tlb, unsigned long start, unsigned long end)
{
	(void)start;
	(void)end;
#ifdef FIX_MADV_08
	if (mm_tlb_flush_nested(tlb->mm))
		__tlb_adjust_range(tlb, start, end - start);
	tlb_flush_mmu(tlb);
	dec_tlb_flush_pending(tlb->mm);
#else
	tlb_flush_mmu(tlb);
#endif
}
