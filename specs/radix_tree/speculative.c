// SPDX-License-Identifier: GPL-2.0-or-later
// A page of the page cache is looked up without a lock while it is moved.
// The mover looks at the count and then takes the page's slot away: in between, a reader may have got a reference that the
// mover does not know of.
// @source mm/filemap.c, include/linux/pagemap.h v2.6.27: find_get_page(), page_cache_get_speculative()
// @source mm/migrate.c v2.6.20, v2.6.27: migrate_page_move_mapping()
// @bug[PC_05] PC-05 e286781d5f2e9c846e012a39653a166e9d31777d (v2.6.27) mm: speculative page references
// @seed other: the mover of 2.6.20 is there, and safe with the reader of its time
// What if: main line never had this reader with this mover; the commit that freezes the count came before the reader. The
// plain spec is 2.6.20 as it was, with both under the tree's lock; PC_05 has the lockless reader, FREEZE_REFS both
// as in 2.6.27.
// @expect[PC_05, FREEZE_REFS] all: safe
// @expect[PC_05] all: violation (assertion)
// @expect all: safe
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#ifndef PC_05
#define FIND_GET_PAGE_LOCKED
#endif
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/invariants.h"
#include "../migrate/migrate.h"

static struct address_space mapping;
static struct mm_struct mm;
static struct page *page, *newpage;

INIT
{
	init_address_space(&mapping);
	page = file_page(&mapping, 0, 7);
	get_page(page); /* isolate_lru_page() */
	newpage = alloc_page(GFP_HIGHUSER);
	page_write(newpage, 7); /* copied already, so that only the slot and the counts are left to move */
	newpage->mapping = &mapping;
}

THREAD(reader)
{
	struct page *found = find_get_page(&mapping, 0);

	held_page_stays(&mapping, found);
	page_cache_release(found);
}

THREAD(mover)
{
	if (migrate_page_move_mapping(&mapping, newpage, page) == 0)
		WRITE_ONCE(page->mapping, NULL); /* migrate_page_copy() */
	else
		WRITE_ONCE(newpage->mapping, NULL);
	put_page(page);    /* unmap_and_move() */
	put_page(newpage);
}

MM_INVARIANTS(mm, &mapping)
