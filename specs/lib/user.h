// SPDX-License-Identifier: GPL-2.0-or-later
// A thread in user mode: loads and stores through the TLB, a walk of the page table by the hardware where the TLB has
// nothing that serves, and a page fault where the table has nothing either. The thread must be one of the first NR_TLBS.
//
// Stated here: what a user stored last is what it loads, except where advice says otherwise. Each address belongs to one
// user thread. user_advised() tells of its own MADV_DONTNEED, that has returned: nothing old may be seen from now on.
//
// @source arch/x86/mm/fault.c v4.5: __do_page_fault(), and the processor manuals for the walk
#pragma once

static unsigned long user_memory[PTRS_PER_PTE]; /* what each user thinks is there */

#define user_word(addr) user_memory[((addr) >> PAGE_SHIFT) % PTRS_PER_PTE]

// The entry that serves an access, or 0: the accessed bit is set by the walk, the dirty bit by the first store.
static inline unsigned long tlb_walk(struct mm_struct *mm, int cpu, unsigned long addr, bool write)
{
	unsigned long entry = READ_ONCE(tlb_entry(cpu, addr)), pte, seen;
	unsigned long needs = _PAGE_PRESENT | (write ? _PAGE_RW : 0), sets = _PAGE_ACCESSED | (write ? _PAGE_DIRTY : 0);
	pte_t *ptep = pte_offset_map(mm, addr);

	if ((entry & (needs | sets)) == (needs | sets))
		return entry;
	for (seen = READ_ONCE(ptep->pte);; seen = entry) {
		if ((seen & needs) != needs)
			return 0;
		pte = seen | sets;
		if (pte == seen)
			break;
		entry = cmpxchg(&ptep->pte, seen, pte);
		if (entry == seen)
			break;
	}
	WRITE_ONCE(tlb_entry(cpu, addr), pte);
	return pte;
}

static inline void do_page_fault(struct mm_struct *mm, unsigned long address, bool write)
{
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	vma = find_vma(mm, address);
	BUG_ON(!vma || vma->vm_start > address);
	BUG_ON(handle_mm_fault(mm, vma, address, write ? FAULT_FLAG_WRITE : 0) & VM_FAULT_SIGBUS);
	mmap_read_unlock(mm);
}

// One instruction: false if it faults.
static inline bool user_instruction(struct mm_struct *mm, unsigned long addr, bool write, unsigned long *value)
{
	int cpu = smp_processor_id();
	unsigned long entry;

	spin_lock(&cpu_tlb[cpu].step);
	entry = tlb_walk(mm, cpu, addr, write);
	if (entry && write)
		page_write(pte_page(__pte(entry)), *value);
	else if (entry)
		*value = page_read(pte_page(__pte(entry)));
	spin_unlock(&cpu_tlb[cpu].step);
	return entry != 0;
}

static inline unsigned long user_access(struct mm_struct *mm, unsigned long addr, bool write, unsigned long value)
{
	while (!user_instruction(mm, addr, write, &value))
		do_page_fault(mm, addr, write);
	return value;
}

static inline void user_store(struct mm_struct *mm, unsigned long addr, unsigned long value)
{
	user_access(mm, addr, true, value);
	user_word(addr) = value;
}

static inline unsigned long user_load(struct mm_struct *mm, unsigned long addr)
{
	unsigned long value = user_access(mm, addr, false, 0);

	BUG_ON(value != user_word(addr));
	return value;
}

// A load that may fault, and does not come back then: for specs in which a page that is new has nothing old in it.
static inline void user_load_or_fault(struct mm_struct *mm, unsigned long addr)
{
	unsigned long value;

	BUG_ON(user_instruction(mm, addr, false, &value) && value != user_word(addr));
}

// In FINALLY: what is left for the user to load.
static inline unsigned long user_would_load(struct mm_struct *mm, unsigned long addr)
{
	pte_t pte = *pte_offset_map(mm, addr);

	return pte_present(pte) ? page_read(pte_page(pte)) : 0;
}

static inline void user_advised(unsigned long addr)
{
	user_word(addr) = 0;
}
