// SPDX-License-Identifier: GPL-2.0-or-later
// Moving pages to another node: move_pages(2), migrate_pages(2), mbind(2) with MPOL_MF_MOVE, soft offlining.
//
// A page is isolated by a flag, which only one can take: since v5.11 (PG_lru there); the LRU itself is left out. mmap_sem is
// held throughout, as up to v4.16; later kernels let it go before they move.
//
// @source mm/migrate.c v4.5: do_move_page_to_node_array(); mm/mempolicy.c v4.5: migrate_to_node(), do_mbind()
#pragma once
#include "scene.h"
#include "access.h"

#define PG_isolated 20 /* behind those of lib/page_flags.h */

// Whose pages: MPOL_MF_MOVE and MPOL_MF_MOVE_ALL.
enum moved_pages { OWN_PAGES, EVERYBODYS_PAGES };

// One page: its node afterwards, or why not. Called with mmap_sem held.
static inline int move_one_page(unsigned long addr, int nid, enum moved_pages whose)
{
	struct vm_area_struct *vma = find_vma(&mm, addr);
	struct page *page;
	int err;

	if (!vma || vma->vm_start > addr)
		return -EFAULT;
	page = follow_page(vma, addr, FOLL_GET);
	if (!page)
		return -ENOENT;
	works_on_page();
	err = page_to_nid(page);
	if (err == nid)
		goto put;
	err = -EACCES;
	if (whose == OWN_PAGES && page_mapcount(page) > 1)
		goto put;
	err = -EBUSY;
	if (test_and_set_bit(PG_isolated, &page->flags))
		goto put;
	// isolate_lru_page() takes a reference, and follow_page()'s is put: here it stays. Two for a moment are no other than
	// one to those who look at the count (is there a reference but mine?); migrate/isolate.c has all steps.
#ifdef NOT_ATOMIC_ISOLATED /* others find it held, or find that somebody has isolated it */
	atomic_point();
#endif
	err = unmap_and_move(new_page_on, (unsigned long)nid, page, 1);
	if (err == -EAGAIN) {
		clear_bit(PG_isolated, &page->flags);
		works_on_page();
		putback_page(page);
	}
	return err ? err : nid;
put:
	works_on_page();
	put_page(page);
	return err;
}

// move_pages() of one page.
static inline long do_move_pages(unsigned long page, int nid, enum moved_pages whose)
{
	long status;

	mmap_read_lock(&mm);
	status = move_one_page(page_at(page), nid, whose);
	mmap_read_unlock(&mm);
	return status;
}

#define op_move_pages(page, nid) do_move_pages(page, nid, OWN_PAGES)
#define op_move_pages_all(page, nid) do_move_pages(page, nid, EVERYBODYS_PAGES)

// migrate_pages(): all pages there are; how many are left behind.
static inline long do_migrate_pages(unsigned long pages, int nid, enum moved_pages whose)
{
	unsigned long n;
	long left = 0;

	mmap_read_lock(&mm);
	for (n = 0; n < pages; n++) {
		int err = move_one_page(page_at(n), nid, whose);

		between_pages();
		left += err == -EAGAIN || err == -EBUSY;
	}
	mmap_read_unlock(&mm);
	return left;
}

#define op_migrate_pages(pages, nid) do_migrate_pages(pages, nid, OWN_PAGES)
#define op_migrate_pages_all(pages, nid) do_migrate_pages(pages, nid, EVERYBODYS_PAGES)

// mbind(MPOL_MF_MOVE): the policy, and then the pages, under mmap_sem for write.
static inline long do_mbind(unsigned long page, unsigned long pages, int nid, enum moved_pages whose)
{
	unsigned long n;

	down_write(&mm.mmap_sem);
	for (n = page; n < page + pages; n++)
		move_one_page(page_at(n), nid, whose);
	up_write(&mm.mmap_sem);
	return 0;
}

#define op_mbind(page, pages, nid) do_mbind(page, pages, nid, OWN_PAGES)
#define op_mbind_all(page, pages, nid) do_mbind(page, pages, nid, EVERYBODYS_PAGES)
