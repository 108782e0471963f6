// SPDX-License-Identifier: GPL-2.0-or-later
// Taking pages out of page tables, and files' pages out of the page cache.
// @source mm/memory.c, mm/truncate.c v4.5: zap_pte_range(), unmap_mapping_range(), truncate_inode_page()
#pragma once

static inline void zap_pte_range(struct mmu_gather *tlb, struct vm_area_struct *vma, unsigned long addr, unsigned long end)
{
	struct mm_struct *mm = tlb->mm;
	spinlock_t *ptl;
	pte_t *pte = pte_offset_map_lock(mm, addr, &ptl), ptent;
	struct page *page;

	(void)vma;
	flush_tlb_batched_pending(mm);
	for (; addr != end; pte++, addr += PAGE_SIZE) {
		ptent = ptep_get(pte);
		if (pte_none(ptent))
			continue;
		if (!pte_present(ptent)) {
			if (!non_swap_entry(pte_to_swp_entry(ptent)))
				free_swap_and_cache(pte_to_swp_entry(ptent));
			pte_clear(mm, addr, pte);
			continue;
		}
		page = pte_page(ptent);
		ptent = ptep_get_and_clear_full(mm, addr, pte, tlb->fullmm);
		tlb_remove_tlb_entry(tlb, pte, addr);
		if (!PageAnon(page) && pte_dirty(ptent))
			set_page_dirty(page);
		page_remove_rmap(page);
		__tlb_remove_page(tlb, page);
	}
	spin_unlock(ptl);
}

static inline void zap_page_range(struct vm_area_struct *vma, unsigned long start, unsigned long size)
{
	struct mmu_gather tlb;

	tlb_gather_mmu(&tlb, vma->vm_mm, start, start + size);
	zap_pte_range(&tlb, vma, start, start + size);
#ifdef NOT_ATOMIC_GATHERED /* until the flush the pages are held: who wants to move one finds it busy */
	atomic_point();
#endif
	tlb_finish_mmu(&tlb, start, start + size);
}

static inline void unmap_mapping_range(struct address_space *mapping, pgoff_t index)
{
	struct vm_area_struct *vma;

	spin_lock(&mapping->i_mmap_lock);
	list_for_each_entry(vma, &mapping->i_mmap, shared) {
		if (index < vma->vm_pgoff || index - vma->vm_pgoff >= (vma->vm_end - vma->vm_start) >> PAGE_SHIFT)
			continue;
		zap_page_range(vma, vma->vm_start + ((index - vma->vm_pgoff) << PAGE_SHIFT), PAGE_SIZE);
	}
	spin_unlock(&mapping->i_mmap_lock);
}

static inline void delete_from_page_cache(struct page *page)
{
	struct address_space *mapping = READ_ONCE(page->mapping);

	write_lock_irq(&mapping->tree_lock);
	rcu_assign_pointer(mapping->page_tree[READ_ONCE(page->index)], NULL);
	WRITE_ONCE(page->mapping, NULL);
	write_unlock_irq(&mapping->tree_lock);
	page_cache_release(page); /* the cache's reference */
}

// The page is locked.
static inline void truncate_inode_page(struct address_space *mapping, struct page *page)
{
	if (page_mapped(page))
		unmap_mapping_range(mapping, READ_ONCE(page->index));
	delete_from_page_cache(page);
}

static inline void truncate_inode_pages_range(struct address_space *mapping, pgoff_t start, pgoff_t end)
{
	pgoff_t index;

	for (index = start; index < end; index++) {
		struct page *page = find_lock_page(mapping, index);

		if (!page)
			continue;
		truncate_inode_page(mapping, page);
		unlock_page(page);
		page_cache_release(page);
	}
}

#ifdef WITH_SHMEM
#include "shmem_truncate.h"
#define truncate_range shmem_undo_range
#else
#define truncate_range truncate_inode_pages_range
#endif

// FALLOC_FL_PUNCH_HOLE
static inline long vfs_fallocate(struct file *file, unsigned long offset, unsigned long len)
{
	struct address_space *mapping = READ_ONCE(file->f_mapping);

	mutex_lock(&mapping->i_mutex);
	truncate_range(mapping, offset >> PAGE_SHIFT, (offset + len) >> PAGE_SHIFT);
	mutex_unlock(&mapping->i_mutex);
	return 0;
}
