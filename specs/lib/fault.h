// SPDX-License-Identifier: GPL-2.0-or-later
// Page faults: a PTE that is none, not present or not writable gets a page. New pages stay in a CPU's pagevec, off the LRU:
// a spec that wants them on it puts them there.
// @source mm/memory.c v4.5: handle_mm_fault() and below
#pragma once

#define FAULT_FLAG_WRITE 1u
#define VM_FAULT_OOM 0x01
#define VM_FAULT_SIGBUS 0x02
#define VM_FAULT_WRITE 0x08 /* the fault broke a COW; the PTE may still be read-only (get_user_pages) */

#define vma_is_anonymous(vma) ((vma)->vm_file == NULL)

// The contents are there before whoever finds the page sees it. A new page's flags are one store, PG_swapbacked with them.
static inline void __SetPageUptodate(struct page *page)
{
	smp_wmb();
	WRITE_ONCE(page->flags, BIT(PG_uptodate) | BIT(PG_swapbacked));
}

#include "entry.h"
#ifdef WITH_SHMEM
#include "shmem.h"
#endif

static inline int do_anonymous_page(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long address)
{
	struct page *page = alloc_page(GFP_HIGHUSER);
	spinlock_t *ptl;
	pte_t *ptep, entry;

	clear_highpage(page);
	__SetPageUptodate(page);
	entry = mk_pte(page, vma->vm_page_prot);
	if (vma->vm_flags & VM_WRITE)
		entry = pte_mkwrite(pte_mkdirty(entry));
	ptep = pte_offset_map_lock(mm, address, &ptl);
	if (!pte_none(ptep_get(ptep))) {
		pte_unmap_unlock(ptep, ptl);
		page_cache_release(page);
		return 0;
	}
	page_add_new_anon_rmap(page, vma, address);
	set_pte_at(mm, address, ptep, entry);
	pte_unmap_unlock(ptep, ptl);
	return 0;
}

static inline void do_set_pte(struct vm_area_struct *vma, unsigned long address, struct page *page, pte_t *ptep,
			      bool write, bool anon)
{
	pte_t entry = mk_pte(page, vma->vm_page_prot);

	if (write)
		entry = maybe_mkwrite(pte_mkdirty(entry), vma);
	if (anon)
		page_add_new_anon_rmap(page, vma, address);
	else
		page_add_file_rmap(page);
	set_pte_at(vma->vm_mm, address, ptep, entry);
}

#ifdef HOLES_ARE_FILLED /* shmem_getpage_gfp() */
static inline void fill_hole(struct address_space *mapping, pgoff_t index)
{
	struct page *page = alloc_page(GFP_HIGHUSER);

	page_write(page, 0);
	SetPageUptodate(page);
	SetPageDirty(page);
	write_lock_irq(&mapping->tree_lock);
	if (!mapping->page_tree[index]) {
		get_page(page);
		WRITE_ONCE(page->mapping, mapping);
		WRITE_ONCE(page->index, index);
		rcu_assign_pointer(mapping->page_tree[index], page);
		mapping->nrpages++;
	}
	write_unlock_irq(&mapping->tree_lock);
	put_page(page);
}
#else
#define fill_hole(mapping, index) return NULL
#endif

// A file's page, locked. Where there is none, one of zeros is made, or there is none: NULL.
static inline struct page *__do_fault(struct vm_area_struct *vma, unsigned long address)
{
	struct address_space *mapping = vma->vm_file->f_mapping;
	pgoff_t index = linear_page_index(vma, address);
#ifdef WITH_SHMEM
	return shmem_getpage_gfp(mapping, index);
#else
	struct page *page;

	while (!(page = find_lock_page(mapping, index)))
		fill_hole(mapping, index);
	return page;
#endif
}

static inline int do_read_or_shared_fault(struct vm_area_struct *vma, unsigned long address, bool write, pte_t orig_pte)
{
	struct page *page = __do_fault(vma, address);
	spinlock_t *ptl;
	pte_t *ptep;

	if (!page)
		return VM_FAULT_SIGBUS;
	ptep = pte_offset_map_lock(vma->vm_mm, address, &ptl);
	if (!pte_same(ptep_get(ptep), orig_pte)) {
		pte_unmap_unlock(ptep, ptl);
		unlock_page(page);
		page_cache_release(page);
		return 0;
	}
	do_set_pte(vma, address, page, ptep, write, false);
	pte_unmap_unlock(ptep, ptl);
	if (write)
		set_page_dirty(page);
	unlock_page(page);
	return 0;
}

static inline int do_cow_fault(struct vm_area_struct *vma, unsigned long address, pte_t orig_pte)
{
	struct page *new_page = alloc_page(GFP_HIGHUSER), *fault_page = __do_fault(vma, address);
	spinlock_t *ptl;
	pte_t *ptep;

	if (!fault_page) {
		page_cache_release(new_page);
		return VM_FAULT_SIGBUS;
	}
	copy_highpage(new_page, fault_page);
	__SetPageUptodate(new_page);
	ptep = pte_offset_map_lock(vma->vm_mm, address, &ptl);
	if (!pte_same(ptep_get(ptep), orig_pte)) {
		pte_unmap_unlock(ptep, ptl);
		unlock_page(fault_page);
		page_cache_release(fault_page);
		page_cache_release(new_page);
		return 0;
	}
	do_set_pte(vma, address, new_page, ptep, true, true);
	pte_unmap_unlock(ptep, ptl);
	unlock_page(fault_page);
	page_cache_release(fault_page);
	return 0;
}

#include "cow.h"

static inline int handle_mm_fault(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long address, unsigned int flags)
{
	bool write = flags & FAULT_FLAG_WRITE;
	spinlock_t *ptl;
	pte_t *ptep = pte_offset_map(mm, address), entry = ptep_get(ptep);

	if (pte_none(entry)) {
		if (vma_is_anonymous(vma))
			return do_anonymous_page(mm, vma, address);
		if (write && !(vma->vm_flags & VM_SHARED))
			return do_cow_fault(vma, address, entry);
		return do_read_or_shared_fault(vma, address, write, entry);
	}
	if (!pte_present(entry))
		return do_swap_page(mm, vma, address, write, entry);
	ptep = pte_offset_map_lock(mm, address, &ptl);
	if (!pte_same(ptep_get(ptep), entry)) {
		pte_unmap_unlock(ptep, ptl);
		return 0;
	}
	if (write && !pte_write(entry))
		return do_wp_page(mm, vma, address, ptep, ptl, entry);
	if (write)
		entry = pte_mkdirty(entry);
	set_pte_at(mm, address, ptep, pte_mkyoung(entry));
	pte_unmap_unlock(ptep, ptl);
	return 0;
}

// What a thread's store of its own, or one for it by the kernel, does first where it may not yet go.
static inline int op_fault_write(struct mm_struct *mm, unsigned long address)
{
	int ret;

	mmap_read_lock(mm);
	ret = handle_mm_fault(mm, find_vma(mm, address), address, FAULT_FLAG_WRITE);
	mmap_read_unlock(mm);
	return ret;
}
