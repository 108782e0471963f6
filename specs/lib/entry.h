// SPDX-License-Identifier: GPL-2.0-or-later
// A fault on a PTE that is not present: a page that is being moved is waited for, one that is swapped out comes back, one that
// has failed is not to be had.
// @source mm/memory.c v4.5: do_swap_page(); mm/migrate.c v2.6.20, v2.6.27: migration_entry_wait()
#pragma once

static inline void migration_entry_wait(struct mm_struct *mm, unsigned long address)
{
	spinlock_t *ptl;
	pte_t *ptep = pte_offset_map_lock(mm, address, &ptl), pte;
	swp_entry_t entry;
	struct page *page;

	pte = ptep_get(ptep);
	if (!is_swap_pte(pte))
		goto out;
	entry = pte_to_swp_entry(pte);
	if (!is_migration_entry(entry))
		goto out;
	page = migration_entry_to_page(entry);
#ifdef ENTRY_WAIT_ON_LOCKED
	pte_unmap_unlock(ptep, ptl); /* v5.17: without a reference, migration_entry_wait_on_locked() */
	wait_on_page_locked(page);
#else
#ifdef ENTRY_WAIT_GET_PAGE
	get_page(page); /* v2.6.20: right as long as no count is ever frozen */
#else
	if (!get_page_unless_zero(page))
		goto out;
#endif
	pte_unmap_unlock(ptep, ptl);
	wait_on_page_locked(page);
	put_page(page);
#endif
	return;
out:
	pte_unmap_unlock(ptep, ptl);
}

#ifdef NR_SWAP_SLOTS
#include "swap.h"
#include "swap_io.h"
#else
#define free_swap_and_cache(entry) ((void)(entry))
#define try_to_free_swap(page) ((void)(page), 1)
#define read_swap_cache_async(entry) ((void)(entry), (struct page *)NULL)

static inline int do_swap_page(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long address, bool write,
			       pte_t orig_pte)
{
	(void)vma;
	(void)write;
	if (is_hwpoison_entry(pte_to_swp_entry(orig_pte)))
		return VM_FAULT_SIGBUS;
	if (is_migration_entry(pte_to_swp_entry(orig_pte)))
		migration_entry_wait(mm, address);
	return 0; /* the fault is retried */
}
#endif
