// SPDX-License-Identifier: GPL-2.0-or-later
// A PTE carries a bit for whoever takes checkpoints (since v3.11); a page that moves loses it.
// @source mm/migrate.c v2.6.20: remove_migration_pte(); mm/rmap.c v2.6.20: try_to_unmap_one()
// @bug MIG-09 c3d16e16522f (v3.12) mm: migration: do not lose soft dirty bit if page is in migration state
// @seed present
// @expect all: violation (assertion)
// @expect[FIX_MIG_09] all: safe
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/invariants.h"
#include "migrate.h"

static struct mm_struct mm;
static struct page *page;

INIT
{
	page = map_anon_page(mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL), 0, 1);
	mm.pgt[0].pte |= _PAGE_SOFT_DIRTY;
	get_page(page); /* isolate_lru_page() */
}

THREAD(move_pages)
{
	op_move_page(page, 1);
}

FINALLY
{
	assert(mm.pgt[0].pte & _PAGE_SOFT_DIRTY);
}

MM_INVARIANTS(mm, NULL)
