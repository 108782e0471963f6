// SPDX-License-Identifier: GPL-2.0-or-later
// A thread in user mode: loads and stores through the TLB, a walk of the page table by the hardware where the TLB has
// nothing that serves, and a page fault where the table has nothing either. The thread must be one of the first NR_TLBS.
//
// Stated here: what a user stored last is what it loads, and what is left for it in the end (USER_INVARIANTS), except where
// advice says otherwise. Each address belongs to one user thread. user_advised() tells of its own MADV_DONTNEED, that has
// returned: nothing old may be seen from now on. user_freed() tells of MADV_FREE: until the next store zeroes may be there
// instead, whether it has returned or not. user_shares_advice() tells, in INIT, that another thread gives the page away at a
// time of its own.
//
// @source arch/x86/mm/fault.c v4.5: __do_page_fault(), and the processor manuals for the walk
#pragma once

static unsigned long user_memory[PTRS_PER_PTE]; /* what each user thinks is there */

static enum { USER_KEEPS, USER_FREED, USER_SHARES } user_advice[PTRS_PER_PTE];

#define user_word(addr) user_memory[((addr) >> PAGE_SHIFT) % PTRS_PER_PTE]
#define user_advice_on(addr) user_advice[((addr) >> PAGE_SHIFT) % PTRS_PER_PTE]

static inline void user_advised(unsigned long addr)
{
	user_word(addr) = 0;
}

static inline void user_freed(unsigned long addr)
{
	user_advice_on(addr) = USER_FREED;
}

static inline void user_shares_advice(unsigned long addr)
{
	user_advice_on(addr) = USER_SHARES;
}

// By the user itself, or for it: by a device, in a read() that has returned.
static inline void user_stored(unsigned long addr, unsigned long value)
{
	user_word(addr) = value;
	if (user_advice_on(addr) == USER_FREED)
		user_advice_on(addr) = USER_KEEPS;
}

static inline bool user_expects(unsigned long addr, unsigned long value)
{
	return value == user_word(addr) || (!value && user_advice_on(addr) != USER_KEEPS);
}

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
	user_stored(addr, value);
}

static inline unsigned long user_load(struct mm_struct *mm, unsigned long addr)
{
	unsigned long value = user_access(mm, addr, false, 0);

	BUG_ON(!user_expects(addr, value));
	return value;
}

// A load that may fault, and does not come back then: for specs in which a page that is new has nothing old in it.
static inline void user_load_or_fault(struct mm_struct *mm, unsigned long addr)
{
	unsigned long value;

	BUG_ON(user_instruction(mm, addr, false, &value) && !user_expects(addr, value));
}

#ifdef NR_SWAP_SLOTS
static inline unsigned long swapped_word(swp_entry_t entry)
{
	struct page *cached = swapper_space.page_tree[swp_offset(entry)];

	return cached ? page_read(cached) : swap_info.disk[swp_offset(entry)];
}
#else
#define swapped_word(entry) ((void)(entry), 0)
#endif

static inline unsigned long file_word(struct address_space *mapping, pgoff_t index)
{
	struct page *page = mapping->page_tree[index];

	if (radix_tree_exceptional_entry(page))
		return swapped_word(radix_to_swp_entry(page));
	return page ? page_read(page) : mapping->disk[index];
}

// In FINALLY: what is left for the user to load.
static inline unsigned long user_would_load(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);
	pte_t pte = *pte_offset_map(mm, addr);

	if (pte_present(pte))
		return page_read(pte_page(pte));
	if (is_swap_pte(pte) && !is_migration_entry(pte_to_swp_entry(pte)))
		return swapped_word(pte_to_swp_entry(pte));
	if (!vma || addr < vma->vm_start || vma_is_anonymous(vma))
		return 0;
	return file_word(vma->vm_file->f_mapping, linear_page_index(vma, addr));
}

static inline void user_finds_what_he_stored(struct mm_struct *mm)
{
	for (unsigned long addr = 0; addr < PTRS_PER_PTE << PAGE_SHIFT; addr += PAGE_SIZE)
		assert(user_expects(addr, user_would_load(mm, addr)));
}

#define USER_INVARIANTS(mm) FINALLY { user_finds_what_he_stored(&(mm)); }
