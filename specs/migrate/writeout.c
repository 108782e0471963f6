// SPDX-License-Identifier: GPL-2.0-or-later
// A dirty page of a file whose filesystem cannot move pages is written out, while its user stores to it again.
// The first attempt to move it writes it and puts its PTEs back.
// @source mm/migrate.c v2.6.20: fallback_migrate_page(), writeout()
// @expect all: safe
#define PTRS_PER_PTE 1
#define NR_TLBS 1
#define WITHOUT_LRU
#define FIND_GET_PAGE_LOCKED
#define ENTRY_WAIT_GET_PAGE
#define NO_MMAP_WRITER
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/user.h"
#include "../lib/invariants.h"
#include "migrate.h"

static int writepage(struct page *page, struct writeback_control *wbc);

static const struct address_space_operations aops = { .writepage = writepage };
static struct address_space mapping;
static struct mm_struct mm;
static struct page *page;

// The page comes locked and clean; it is under writeback while it is unlocked.
static int writepage(struct page *dirty, struct writeback_control *wbc)
{
	(void)wbc;
	SetPageWriteback(dirty);
	unlock_page(dirty);
	WRITE_ONCE(mapping.disk[0], page_read(dirty));
	end_page_writeback(dirty);
	return 0;
}

INIT
{
	struct vm_area_struct *vma;

	init_address_space(&mapping);
	mapping.a_ops = &aops;
	vma = mmap_area(&mm, 0, 1, VM_READ | VM_WRITE | VM_SHARED, open_file(&mapping));
	page = file_page(&mapping, 0, 1);
	do_read_or_shared_fault(vma, 0, true, __pte(0)); /* its user has written to it */
	user_word(0) = 1;
	get_page(page);                                  /* isolate_lru_page() */
}

THREAD(user)
{
	unsigned long value = 2;

	if (user_instruction(&mm, 0, true, &value))
		user_stored(0, 2);
}

THREAD(move_pages)
{
	op_move_page(page, 1);
}

MM_INVARIANTS(mm, &mapping)
USER_INVARIANTS(mm)
