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

#ifdef BOTH_ISOLATE
static int other;

THREAD(owner)
{
	LIST_HEAD(pagelist);

	if (isolate_lru_page(page, &pagelist) == 0)
		other++;
	put_page(page);
	BUG_ON(putback_lru_pages(&pagelist) != other);
}
#else
THREAD(owner)
{
	put_page(page);
}
#endif

MM_INVARIANTS(mm, NULL)
