// SPDX-License-Identifier: GPL-2.0-or-later
// Two want to move a page and its owner gives it up: one isolates it, or none does, and it is freed once.
// @source mm/migrate.c v2.6.20: isolate_lru_page(), putback_lru_pages()
// @source mm/swap.c v2.6.20: put_page(), __page_cache_release()
// @expect all: safe
#define PTRS_PER_PTE 1
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/invariants.h"
#include "migrate.h"

static struct mm_struct mm;
static struct page *page;
static int isolated;

INIT
{
	page = alloc_page(GFP_HIGHUSER);
	lru_cache_add(page);
	get_page(page); /* follow_page(), of the one who moves */
}

THREAD(move_pages)
{
	LIST_HEAD(pagelist);

	if (isolate_lru_page(page, &pagelist) == 0)
		isolated++;
	put_page(page);
	BUG_ON(putback_lru_pages(&pagelist) != isolated);
}

THREAD(owner)
{
	put_page(page);
}

MM_INVARIANTS(mm, NULL)
