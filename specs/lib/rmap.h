// SPDX-License-Identifier: GPL-2.0-or-later
// From a page to the PTEs that map it: an anonymous page by its anon_vma's list of areas, a file's page by the mapping's.
// What the counts mean: a PTE that maps a page is one of _mapcount and holds one of _count.
// @source mm/rmap.c v2.6.20, v4.5
#pragma once

struct anon_vma {
	spinlock_t lock;
	struct list_head head;
	struct rcu_head rcu;
};

static inline void free_anon_vma(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct anon_vma, rcu));
}

static inline void anon_vma_link(struct vm_area_struct *vma, struct anon_vma *anon_vma)
{
	vma->anon_vma = anon_vma;
	spin_lock(&anon_vma->lock);
	list_add_tail(&vma->anon_vma_node, &anon_vma->head);
	spin_unlock(&anon_vma->lock);
}

static inline struct anon_vma *page_anon_vma(struct page *page)
{
	return (struct anon_vma *)((unsigned long)READ_ONCE(page->mapping) - PAGE_MAPPING_ANON);
}

// Where an area has a page of this index; -EFAULT if it ends before.
static inline unsigned long page_address_in_vma(struct page *page, struct vm_area_struct *vma)
{
	unsigned long address = vma->vm_start + ((READ_ONCE(page->index) - vma->vm_pgoff) << PAGE_SHIFT);

	if (address < vma->vm_start || address >= vma->vm_end)
		return (unsigned long)-EFAULT;
	return address;
}

static inline void __page_set_anon_rmap(struct page *page, struct vm_area_struct *vma, unsigned long address)
{
	WRITE_ONCE(page->mapping, (struct address_space *)((unsigned long)vma->anon_vma + PAGE_MAPPING_ANON));
	WRITE_ONCE(page->index, linear_page_index(vma, address));
}

static inline void page_add_anon_rmap(struct page *page, struct vm_area_struct *vma, unsigned long address)
{
	if (atomic_inc_and_test(&page->_mapcount))
		__page_set_anon_rmap(page, vma, address);
}

static inline void page_add_new_anon_rmap(struct page *page, struct vm_area_struct *vma, unsigned long address)
{
	atomic_set(&page->_mapcount, 0);
	__page_set_anon_rmap(page, vma, address);
}

static inline void page_add_file_rmap(struct page *page)
{
	atomic_inc(&page->_mapcount);
}

#define page_dup_rmap(page) atomic_inc(&(page)->_mapcount)

static inline void page_remove_rmap(struct page *page)
{
	int mapcount = atomic_dec_return(&page->_mapcount);

	BUG_ON(mapcount < -1);
}

// The PTE of an address, locked, if it maps the page.
static inline pte_t *page_check_address(struct page *page, struct mm_struct *mm, unsigned long address, spinlock_t **ptlp)
{
	pte_t *pte = pte_offset_map(mm, address), seen;

	seen = ptep_get(pte);
	if (!pte_present(seen))
		return NULL;
	*ptlp = pte_lockptr(mm);
	spin_lock(*ptlp);
	seen = ptep_get(pte);
	if (pte_present(seen) && page_to_pfn(page) == pte_pfn(seen))
		return pte;
	pte_unmap_unlock(pte, *ptlp);
	return NULL;
}
