// SPDX-License-Identifier: GPL-2.0-or-later
// A page is to be moved while a device writes to it, by a reference that get_user_pages() took.
// The move must fail, or come after it, or the device would write to a page that is nobody's any more.
// @source mm/migrate.c v2.6.20: migrate_page_move_mapping(), unmap_and_move()
// @source mm/memory.c v2.6.20: get_user_pages()
//
// Found here, and no bug that is known upstream: nothing orders the look at the count before the copy, so that on a machine
// with weak ordering the copy may miss what was written through a reference that is seen to be gone.
// @expect sc, tso: safe   lkmm: violation (assertion)
// @expect[COUNT_BARRIER] all: safe
// @expect[NO_COUNT_CHECK] all: violation
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#define ENTRY_WAIT_GET_PAGE
#define NO_MMAP_WRITER
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/user.h"
#include "../lib/invariants.h"
#include "migrate.h"

static struct mm_struct mm;
static struct vm_area_struct *vma;
static struct page *page;

INIT
{
	vma = mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL);
	page = map_anon_page(vma, 0, 1);
	user_word(0) = 1;
	get_page(page); /* isolate_lru_page() */
}

THREAD(user)
{
	struct page *pinned = follow_page(vma, 0UL, FOLL_GET | FOLL_WRITE);

	if (!pinned)
		return;
	page_write(pinned, 2);
	put_page(pinned);
	user_stored(0, 2);
}

THREAD(move_pages)
{
	op_move_page(page, 1);
}

MM_INVARIANTS(mm, NULL)
USER_INVARIANTS(mm)
