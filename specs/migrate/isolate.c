// SPDX-License-Identifier: GPL-2.0-or-later
// Who wants to move a page isolates it, or finds it gone, while its owner gives it up, or isolates it, too: it is freed once.
// @source mm/migrate.c v2.6.20: isolate_lru_page(), putback_lru_pages()
// @source mm/swap.c v2.6.20: put_page(), __page_cache_release()
// @expect all: safe
// @expect[BOTH_ISOLATE] all: safe
#define PTRS_PER_PTE 1
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/invariants.h"
#include "migrate.h"

static struct mm_struct mm;
static struct page *page;

INIT
{
	page = alloc_page(GFP_HIGHUSER);
	lru_cache_add(page);
	get_page(page); /* follow_page(), of the one who moves */
}

static void isolate_and_put_back(void)
{
	LIST_HEAD(pagelist);
	int isolated = isolate_lru_page(page, &pagelist) == 0;

	put_page(page);
	BUG_ON(putback_lru_pages(&pagelist) != isolated);
}

THREAD(move_pages)
{
	isolate_and_put_back();
}

THREAD(owner)
{
#ifdef BOTH_ISOLATE
	isolate_and_put_back();
#else
	put_page(page);
#endif
}

MM_INVARIANTS(mm, NULL)
