// SPDX-License-Identifier: GPL-2.0-or-later
// An anonymous page moves to another node while its user stores to it and loads from it.
// @source mm/migrate.c v2.6.20: unmap_and_move() and what it calls
// @source mm/memory.c v4.5: handle_mm_fault()
// @expect all: safe
#define NR_TLBS 1
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
static struct page *page;

INIT
{
	page = map_anon_page(mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL), 0, 1);
	user_word(0) = 1;
	get_page(page); /* isolate_lru_page() */
}

THREAD(user)
{
	user_store(&mm, 0, 2);
	user_load(&mm, 0);
}

THREAD(move_pages)
{
	op_move_page(page, 1);
}

MM_INVARIANTS(mm, NULL)
USER_INVARIANTS(mm)
