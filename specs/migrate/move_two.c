// SPDX-License-Identifier: GPL-2.0-or-later
// Two threads move the same page.
// The second finds it off the LRU, is in the way with its reference, or finds it moved.
// @source mm/migrate.c v2.6.20: isolate_lru_page(), unmap_and_move(), putback_lru_pages()
// @expect all: safe
#define PTRS_PER_PTE 1
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/user.h"
#include "../lib/invariants.h"
#include "migrate.h"

static struct mm_struct mm;
static struct vm_area_struct *vma;

INIT
{
	vma = mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL);
	lru_cache_add(map_anon_page(vma, 0, 1));
	user_word(0) = 1;
}

// One page of do_move_pages(); mmap_sem, which both would hold for read, is left out.
static void move_to(int nid)
{
	LIST_HEAD(pagelist);
	struct page *page = follow_page(vma, 0UL, FOLL_GET);
	int err;

	if (!page)
		return;
	err = page_to_nid(page) == nid ? -ENOENT : isolate_lru_page(page, &pagelist);
	put_page(page);
	if (!err)
		op_move_page(page, nid);
}

THREAD(one) { move_to(1); }
THREAD(two) { move_to(1); }

MM_INVARIANTS(mm, NULL)
USER_INVARIANTS(mm)
