// SPDX-License-Identifier: GPL-2.0-or-later
// madvise(2): what madvise/ has, and the advice that came later.
//
// Left out: swap, so that MADV_PAGEOUT takes pages of files only; guard markers, so that MADV_GUARD_INSTALL is what it does to
// the pages that are there.
//
// @source mm/madvise.c v5.4: madvise_cold_or_pageout_pte_range(); v5.14: madvise_populate(); v6.13: madvise_guard_install()
#pragma once
#include "scene.h"
#include "access.h"
#include "move.h"

static inline long op_madvise(unsigned long page, unsigned long pages, int advice)
{
	return sys_madvise(&mm, page_at(page), pages << PAGE_SHIFT, advice);
}

// Whoever has given a page of his own memory away finds zeros there, or what somebody stored since.
static inline long op_dontneed_and_look(unsigned long page)
{
	long ret = op_madvise(page, 1, MADV_DONTNEED);

	if (!ret)
		op_look_after_dontneed(page);
	return ret;
}

// Calls f for the part [start, end) of each area in the range, as madvise_walk_vmas() does: holes are told at the end.
#define walk_areas(page, pages, vma, start, end, f) \
	({ \
		unsigned long __at = page_at(page), __end = page_at((page) + (pages)); \
		struct vm_area_struct *vma; \
		long __error = 0; \
		mmap_read_lock(&mm); \
		for (vma = find_vma(&mm, __at); vma && vma->vm_start < __end; vma = vma->vm_next) { \
			unsigned long start = max(__at, vma->vm_start), end = min(__end, vma->vm_end); \
			if (start > __at) \
				__error = -ENOMEM; \
			f; \
			__at = end; \
		} \
		mmap_read_unlock(&mm); \
		__at < __end ? -ENOMEM : __error; \
	})

static inline void make_old(unsigned long addr, unsigned long end)
{
	spinlock_t *ptl;
	pte_t *pte = pte_offset_map_lock(&mm, addr, &ptl);

	flush_tlb_batched_pending(&mm);
	for (; addr < end; pte++, addr += PAGE_SIZE)
		if (pte_present(ptep_get(pte)))
			clear_bit(2, &pte->pte); /* _PAGE_ACCESSED */
	spin_unlock(ptl);
}

// ftruncate(), or fallocate(FALLOC_FL_PUNCH_HOLE), through a descriptor: no area is asked, and no mmap_sem taken.
static inline long op_punch(unsigned long page, unsigned long pages)
{
	truncate_inode_pages_range(&file, page, page + pages);
	return 0;
}

static inline long op_cold(unsigned long page, unsigned long pages)
{
	return walk_areas(page, pages, vma, start, end, make_old(start, end));
}

// A clean page of a file is unmapped and taken out of the cache, if nobody else holds it; it can be read again.
static inline void reclaim_page(struct vm_area_struct *vma, unsigned long addr)
{
	struct page *page = follow_page(vma, addr, FOLL_GET);
	struct mm_struct *owner = vma->vm_mm;
	spinlock_t *ptl;
	pte_t *pte;

	if (!page)
		return;
	works_on_page();
	if (PageAnon(page) || !trylock_page(page))
		goto put;
	pte = page_check_address(page, owner, addr, &ptl);
	if (pte) {
		if (pte_dirty(ptep_clear_flush(owner, addr, pte)))
			set_page_dirty(page);
		page_remove_rmap(page);
		page_cache_release(page);
		pte_unmap_unlock(pte, ptl);
	}
	unlock_page(page);
put:
	put_page(page);
}

static inline long op_pageout(unsigned long page, unsigned long pages)
{
	return walk_areas(page, pages, vma, start, end, {
		for (; start < end; start += PAGE_SIZE)
			reclaim_page(vma, start);
	});
}

// madvise_populate(): ends at the first page that cannot be had.
static inline long op_populate(unsigned long page, unsigned long pages, bool write)
{
	unsigned long addr = page_at(page), end = page_at(page + pages);
	struct page *target;
	long error = 0;

	mmap_read_lock(&mm);
	for (; !error && addr < end; addr += PAGE_SIZE) {
		if (get_user_page(&mm, addr, write, false, &target) > 0) {
			works_on_page();
			put_page(target);
		} else {
			error = -ENOMEM;
		}
	}
	mmap_read_unlock(&mm);
	return error;
}

static inline long op_guard_install(unsigned long page, unsigned long pages)
{
	return walk_areas(page, pages, vma, start, end, zap_page_range(vma, start, end - start));
}

static inline void look_at(unsigned long addr, unsigned long end)
{
	spinlock_t *ptl;
	pte_t *pte = pte_offset_map_lock(&mm, addr, &ptl);

	for (; addr < end; pte++, addr += PAGE_SIZE)
		(void)ptep_get(pte);
	spin_unlock(ptl);
}

static inline long op_guard_remove(unsigned long page, unsigned long pages)
{
	return walk_areas(page, pages, vma, start, end, look_at(start, end));
}
