// SPDX-License-Identifier: GPL-2.0-or-later
// A page of a file moves while somebody else reads the file, under the locked lookup of those days.
// @source mm/migrate.c v2.6.20: migrate_page(), migrate_page_move_mapping(), migrate_page_copy()
// @source mm/filemap.c v2.6.20: find_get_page(), do_generic_mapping_read()
// @bug PC-07 0ed361dec36945f3116ee1338638ada9a8920905 (v2.6.25) mm: fix PageUptodate data race: who sees the new page's flag
//   may not see its contents
// @seed present
// @expect sc, tso: safe   lkmm: violation (assertion)
// @expect[FIX_PC_07] all: safe
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#define FIND_GET_PAGE_LOCKED
#define UPTODATE_WITHOUT_BARRIERS
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/invariants.h"
#include "migrate.h"

static const struct address_space_operations aops = { .migratepage = migrate_page };
static struct address_space mapping;
static struct mm_struct mm;
static struct page *page;

INIT
{
	init_address_space(&mapping);
	mapping.a_ops = &aops;
	page = file_page(&mapping, 0, 7);
	get_page(page); /* isolate_lru_page() */
}

THREAD(reader)
{
	assert(read_file_page(&mapping, 0) == 7);
}

THREAD(move_pages)
{
	op_move_page(page, 1);
}

MM_INVARIANTS(mm, &mapping)
