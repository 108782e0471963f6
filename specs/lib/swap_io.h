// SPDX-License-Identifier: GPL-2.0-or-later
// Both ways between a page and its swap slot: a fault maps the page again, reclaim unmaps it and writes it out.
// @source mm/memory.c v4.5: do_swap_page(); mm/rmap.c v4.5: try_to_unmap_one()
// @source mm/vmscan.c v4.5: shrink_page_list(), __remove_mapping(); mm/swap_state.c v4.5: add_to_swap()
#pragma once

static inline int do_swap_page(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long address, bool write,
			       pte_t orig_pte)
{
	swp_entry_t entry = pte_to_swp_entry(orig_pte);
	spinlock_t *ptl;
	struct page *page;
	pte_t *ptep, pte;

	if (is_migration_entry(entry)) {
		migration_entry_wait(mm, address);
		return 0; /* the fault is retried */
	}
	if (is_hwpoison_entry(entry))
		return VM_FAULT_SIGBUS;
	page = lookup_swap_cache(entry);
	if (!page) {
		page = read_swap_cache_async(entry); /* swapin_readahead() */
		if (!page)
			return 0; /* the PTE has changed meanwhile */
	}
	lock_page(page);
	/* it may have been taken out of the swap cache, and put there again for another slot */
	if (!PageSwapCache(page) || page_swp_entry(page).val != entry.val)
		goto out_page;
	ptep = pte_offset_map_lock(mm, address, &ptl);
	if (!pte_same(ptep_get(ptep), orig_pte)) {
		pte_unmap_unlock(ptep, ptl);
		goto out_page;
	}
	pte = mk_pte(page, vma->vm_page_prot);
	if (write && page_count(page) == 2 && !(swap_count(READ_ONCE(swap_slot(entry))) > 1)) /* reuse_swap_page() */
		pte = maybe_mkwrite(pte_mkdirty(pte), vma);
	page_add_anon_rmap(page, vma, address);
	set_pte_at(mm, address, ptep, pte);
	swap_free(entry);
	try_to_free_swap(page); /* as if swap were full: else the page stays in the cache until somebody writes to it */
	unlock_page(page);
	pte_unmap_unlock(ptep, ptl);
	return 0;

out_page:
	unlock_page(page);
	put_page(page);
	return 0;
}

static inline bool try_to_unmap_to_swap(struct page *page, struct mm_struct *mm, unsigned long address)
{
	swp_entry_t entry = page_swp_entry(page);
	spinlock_t *ptl;
	pte_t *pte = page_check_address(page, mm, address, &ptl), pteval;

	if (!pte)
		return !page_mapped(page);
	pteval = ptep_clear_flush(mm, address, pte);
	if (pte_dirty(pteval))
		set_page_dirty(page);
	swap_duplicate(entry);
	set_pte_at(mm, address, pte, swp_entry_to_pte(entry));
	page_remove_rmap(page);
	put_page(page);
	pte_unmap_unlock(pte, ptl);
	return !page_mapped(page);
}

static inline bool __remove_mapping(struct page *page)
{
	swp_entry_t entry = page_swp_entry(page);

	write_lock_irq(&swapper_space.tree_lock);
#ifdef NO_FREEZE
	if (page_count(page) != 2) {
#else
	if (!page_freeze_refs(page, 2)) { /* the cache's and the isolator's */
#endif
		write_unlock_irq(&swapper_space.tree_lock);
		return false;
	}
	if (PageDirty(page)) { /* looked at after the count: whoever had a reference may have written to it */
		page_unfreeze_refs(page, 2);
		write_unlock_irq(&swapper_space.tree_lock);
		return false;
	}
	__delete_from_swap_cache(page);
	write_unlock_irq(&swapper_space.tree_lock);
	swapcache_free(entry);
	return true;
}

// Reclaim of an anonymous page that is isolated, with a slot that is free: the reference is dropped here.
static inline void op_swap_out(struct page *page, struct mm_struct *mm, unsigned long address, unsigned long slot)
{
	swp_entry_t entry = swp_entry(slot);

	lock_page(page);
	WRITE_ONCE(swap_info.swap_map[slot], SWAP_HAS_CACHE); /* get_swap_page() */
	__add_to_swap_cache(page, entry);
	SetPageDirty(page);
	if (!try_to_unmap_to_swap(page, mm, address))
		goto keep;
	if (page_count(page) != 2)
		goto keep; /* is_page_cache_freeable() */
	if (TestClearPageDirty(page)) /* pageout(): swap_writepage(), done at once */
		WRITE_ONCE(swap_info.disk[slot], page_read(page));
	if (!__remove_mapping(page))
		goto keep;
	unlock_page(page);
	free_hot_cold_page(page); /* its count is zero already */
	return;
keep:
	try_to_free_swap(page); /* vm_swap_full() */
	unlock_page(page);
	put_page(page);
}
