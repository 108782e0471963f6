// SPDX-License-Identifier: GPL-2.0-or-later
// Both ends of a move: PTEs become migration entries, migration entries become PTEs.
// @source mm/rmap.c v2.6.20: try_to_unmap(), mm/migrate.c v2.6.20: remove_migration_ptes()
#pragma once

#define SWAP_SUCCESS 0
#define SWAP_AGAIN 1

static inline int try_to_unmap_one(struct page *page, struct vm_area_struct *vma, int migration)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long address = page_address_in_vma(page, vma);
	spinlock_t *ptl;
	pte_t *pte, pteval, swp_pte;

	BUG_ON(!migration && !PageHWPoison(page));
	if (address == (unsigned long)-EFAULT)
		return SWAP_AGAIN;
	pte = page_check_address(page, mm, address, &ptl);
	if (!pte)
		return SWAP_AGAIN;
	pteval = ptep_clear_flush(mm, address, pte);
#ifdef NOT_ATOMIC_CLEARED /* for a moment there is nothing: who looks without the lock does not find the page */
	atomic_point();
#endif
	if (pte_dirty(pteval))
		set_page_dirty(page);
	if (migration)
		swp_pte = swp_entry_to_pte(make_migration_entry(page, pte_write(pteval)));
	else
		swp_pte = swp_entry_to_pte(make_hwpoison_entry(page));
#ifdef FIX_MIG_09
	swp_pte = __pte(pte_val(swp_pte) | (pte_val(pteval) & _PAGE_SOFT_DIRTY));
#endif
	set_pte_at(mm, address, pte, swp_pte);
	page_remove_rmap(page);
	page_cache_release(page);
	pte_unmap_unlock(pte, ptl);
	return SWAP_AGAIN;
}

static inline struct anon_vma *page_lock_anon_vma(struct page *page)
{
	struct anon_vma *anon_vma = NULL;
	unsigned long mapping;

	rcu_read_lock();
	mapping = (unsigned long)READ_ONCE(page->mapping);
	if ((mapping & PAGE_MAPPING_ANON) && page_mapped(page)) {
		anon_vma = (struct anon_vma *)(mapping - PAGE_MAPPING_ANON);
		spin_lock(&anon_vma->lock);
	}
	rcu_read_unlock();
	return anon_vma;
}

static inline int try_to_unmap(struct page *page, int migration)
{
	struct vm_area_struct *vma;

	BUG_ON(!PageLocked(page));
	if (PageAnon(page)) {
		struct anon_vma *anon_vma = page_lock_anon_vma(page);

		if (!anon_vma)
			return SWAP_AGAIN;
		list_for_each_entry(vma, &anon_vma->head, anon_vma_node) {
#ifdef FIX_MIG_06
			if ((READ_ONCE(vma->vm_flags) & VM_STACK_INCOMPLETE_SETUP) ==
			    VM_STACK_INCOMPLETE_SETUP)
				continue;
#endif
			try_to_unmap_one(page, vma, migration);
		}
		spin_unlock(&anon_vma->lock);
	} else {
		struct address_space *mapping = READ_ONCE(page->mapping);

		if (!mapping)
			return SWAP_AGAIN;
		spin_lock(&mapping->i_mmap_lock);
		list_for_each_entry(vma, &mapping->i_mmap, shared)
			try_to_unmap_one(page, vma, migration);
		spin_unlock(&mapping->i_mmap_lock);
	}
	return page_mapped(page) ? SWAP_AGAIN : SWAP_SUCCESS;
}

static inline void remove_migration_pte(struct vm_area_struct *vma, struct page *old, struct page *new)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long addr = page_address_in_vma(new, vma);
	swp_entry_t entry;
	spinlock_t *ptl;
	pte_t *ptep, pte;

	if (addr == (unsigned long)-EFAULT)
		return;
	ptep = pte_offset_map(mm, addr);
	if (!is_swap_pte(ptep_get(ptep)))
		return;
	ptl = pte_lockptr(mm);
	spin_lock(ptl);
	pte = ptep_get(ptep);
	if (!is_swap_pte(pte))
		goto out;
	entry = pte_to_swp_entry(pte);
	if (!is_migration_entry(entry) || migration_entry_to_page(entry) != old)
		goto out;
	get_page(new);
#ifdef FIX_MIG_09
	pte = pte_mkold(mk_pte(new, vma->vm_page_prot | (pte_val(pte) & _PAGE_SOFT_DIRTY)));
#else
	pte = pte_mkold(mk_pte(new, vma->vm_page_prot));
#endif
	if (is_write_migration_entry(entry))
		pte = pte_mkwrite(pte);
	set_pte_at(mm, addr, ptep, pte);
	if (PageAnon(new))
		page_add_anon_rmap(new, vma, addr);
	else
		page_add_file_rmap(new);
out:
	pte_unmap_unlock(ptep, ptl);
}

static inline void remove_migration_ptes(struct page *old, struct page *new)
{
	struct address_space *mapping = READ_ONCE(new->mapping);
	struct vm_area_struct *vma;

	if ((unsigned long)mapping & PAGE_MAPPING_ANON) {
		struct anon_vma *anon_vma = page_anon_vma(new); /* mmap_sem, held by the caller, keeps it */

		spin_lock(&anon_vma->lock);
		list_for_each_entry(vma, &anon_vma->head, anon_vma_node)
			remove_migration_pte(vma, old, new);
		spin_unlock(&anon_vma->lock);
	} else if (mapping) {
		spin_lock(&mapping->i_mmap_lock);
		list_for_each_entry(vma, &mapping->i_mmap, shared)
			remove_migration_pte(vma, old, new);
#ifdef FIX_MIG_07
		list_for_each_entry(vma, &mapping->i_mmap_nonlinear, shared)
			remove_migration_pte(vma, old, new);
#endif
		spin_unlock(&mapping->i_mmap_lock);
	}
}
