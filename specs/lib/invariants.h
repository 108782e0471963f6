// SPDX-License-Identifier: GPL-2.0-or-later
// What holds of pages, whatever path runs. A spec says MM_INVARIANTS(mm, mapping) and need not say more.
//
// Whenever the page table lock is free: a page that is mapped, or in a TLB, is not free; its count covers its PTEs.
// When all is quiet: no migration entry is left; a page's counts are its PTEs and its place in the page cache, with what its
// owner holds besides (MIGRATE_EXTRA_COUNT; the kernel's own, if it is reserved, or poisoned and then not mapped), and it is free exactly if there are none; the
// slot of index i holds the page of index i, and a file's page is mapped only while it is there; what differs from the
// backing store is dirty, or its PTE is; a page is on one list at most, on the LRU exactly if it says so; no page is locked;
// what one may write to of his own nobody else sees; a TLB allows nothing that the page table does not.
#pragma once

#ifndef MIGRATE_EXTRA_COUNT
#define MIGRATE_EXTRA_COUNT 0
#endif

static inline int ptes_of(struct mm_struct *mm, unsigned long pfn)
{
	int i, n = 0;

	for (; mm; mm = mm->next) {
		for (i = 0; i < PTRS_PER_PTE; i++)
			n += pte_present(mm->pgt[i]) && pte_pfn(mm->pgt[i]) == pfn;
		n += pte_present(mm->pmd) && pte_pfn(mm->pmd) == pfn;
	}
	return n;
}

static inline bool some_pte_is_dirty(struct mm_struct *mm, unsigned long pfn)
{
	int i;

	for (i = 0; i < PTRS_PER_PTE; i++)
		if (pte_present(mm->pgt[i]) && pte_pfn(mm->pgt[i]) == pfn && pte_dirty(mm->pgt[i]))
			return true;
	return false;
}

static inline bool mapped_pages_are_held(struct mm_struct *mm)
{
	int i, cpu;

	for (i = 0; i < PTRS_PER_PTE; i++)
		if (pte_present(mm->pgt[i]) &&
		    page_count(pte_page(mm->pgt[i])) < max(1, ptes_of(mm, pte_pfn(mm->pgt[i]))))
			return false;
	for (cpu = 0; cpu < NR_TLBS; cpu++)
		for (i = 0; i < PTRS_PER_PTE; i++)
			if (cpu_tlb[cpu].entry[i] && page_count(pte_page(__pte(cpu_tlb[cpu].entry[i]))) < 1)
				return false;
	return true;
}

static inline int times_on(struct list_head *list, struct page *page)
{
	struct page *at;
	int n = 0;

	list_for_each_entry(at, list, lru)
		n += at == page;
	return n;
}

static inline void check_page(struct mm_struct *mm, struct address_space *mapping, unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);
	int i, mapped = ptes_of(mm, pfn), cached = 0;

	for (i = 0; mapping && i < NR_SLOTS; i++) {
		if (mapping->page_tree[i] != page)
			continue;
		cached++;
		assert(page->mapping == mapping && page->index == (pgoff_t)i);
		assert(*page->frame == mapping->disk[i] || PageDirty(page) || PagePrivate(page) || some_pte_is_dirty(mm, pfn));
	}
	assert(!mapped || cached || PageAnon(page) || PageReserved(page));
	assert(page_mapcount(page) == mapped);
	assert(page_count(page) == mapped + cached * (1 + MIGRATE_EXTRA_COUNT) + !!PagePrivate(page) + !!PageSwapCache(page) + !!PageReserved(page) +
				   !!PageHWPoison(page));
	assert(!mapped || !PageHWPoison(page));
	assert(!PageLocked(page));
	assert(times_on(&contig_zone.active_list, page) + times_on(&contig_zone.inactive_list, page) == !!PageLRU(page));
}

// `first`: of the address spaces that share pages.
static inline void check_ptes(struct mm_struct *mm, struct mm_struct *first)
{
	int i, cpu;

	for (i = 0; i < PTRS_PER_PTE; i++) {
		pte_t pte = mm->pgt[i];

		assert(!pte_present(pte) || !pte_write(pte) || !PageAnon(pte_page(pte)) || ptes_of(first, pte_pfn(pte)) == 1);
		assert(!is_swap_pte(mm->pgt[i]) || !is_migration_entry(pte_to_swp_entry(mm->pgt[i])));
		for (cpu = 0; cpu < NR_TLBS; cpu++) {
			unsigned long entry = cpu_tlb[cpu].entry[i];

			if (!runs_on(mm, cpu))
				continue;
			assert(!entry || ((pte_val(mm->pgt[i]) ^ entry) >> PAGE_SHIFT) == 0);
			assert(!(entry & _PAGE_RW) || pte_write(mm->pgt[i]));
		}
	}
}

static inline void check_all_is_quiet(struct mm_struct *mm, struct address_space *mapping)
{
	unsigned long pfn;

	for (pfn = 0; pfn < MAX_NUMPAGES; pfn++)
		check_page(mm, mapping, pfn);
	check_ptes(mm, mm);
}

// A file that nobody maps shared and nobody writes to is what its backing store has: a write through a private mapping
// never changes it.
static inline bool file_is_unchanged(struct address_space *mapping)
{
	int i;

	for (i = 0; i < NR_SLOTS; i++)
		if (mapping->page_tree[i] && !atomic_read(&mapping->i_mmap_writable) &&
		    *mapping->page_tree[i]->frame != mapping->disk[i])
			return false;
	return true;
}

#define PRIVATE_INVARIANTS(mapping) INVARIANT(private_writes_leave_the_file_alone, file_is_unchanged(mapping))

#define MM_INVARIANTS(mm, mapping) \
	INVARIANT_UNDER((mm).page_table_lock, mapped_pages_are_held(&(mm))) \
	FINALLY { check_all_is_quiet(&(mm), mapping); }
