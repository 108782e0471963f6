// SPDX-License-Identifier: GPL-2.0-or-later
// The pages of a zspage are locked one after the other to free it, while migration puts another page in the place of one that
// is not locked yet: who waits for that one's lock has a page then that is not part of the zspage, and may be gone.
// @source mm/zsmalloc.c v5.17: lock_zspage(), __free_zspage(), zs_page_migrate(), replace_sub_page()
// @bug MIG-19 2505a981114d (v5.18) zsmalloc: fix races between asynchronous zspage free and page migration
// @seed other: the seeds have no zsmalloc
// @expect all: violation (assertion)
// @expect[FIX_MIG_19] all: safe
#define WITHOUT_LRU
#include <ringtail.h>
#include "../lib/page.h"

#define NR_PAGES 2

static struct zspage {
	rwlock_t lock; /* against migration */
	struct page *pages[NR_PAGES];
} zspage;

#define migrate_read_lock(zspage) read_lock(&(zspage)->lock)
#define migrate_read_unlock(zspage) read_unlock(&(zspage)->lock)
#define migrate_write_lock(zspage) write_lock(&(zspage)->lock)
#define migrate_write_unlock(zspage) write_unlock(&(zspage)->lock)

INIT
{
	int i;

	rwlock_init(&zspage.lock);
	for (i = 0; i < NR_PAGES; i++)
		zspage.pages[i] = alloc_page(GFP_KERNEL);
}

#ifdef FIX_MIG_19
// A page that is not locked yet can be migrated away, so each is looked up and tried under the lock, and waited for without.
static void lock_zspage(struct zspage *zspage)
{
	int i = 0;

	migrate_read_lock(zspage);
	while (i < NR_PAGES) {
		struct page *page = zspage->pages[i];

		if (trylock_page(page)) {
			i++;
			continue;
		}
		get_page(page);
		migrate_read_unlock(zspage);
		wait_on_page_locked(page);
		put_page(page);
		migrate_read_lock(zspage);
	}
	migrate_read_unlock(zspage);
}
#else
static void lock_zspage(struct zspage *zspage)
{
	int i;

	for (i = 0; i < NR_PAGES; i++)
		lock_page(READ_ONCE(zspage->pages[i]));
}
#endif

THREAD(async_free_zspage)
{
	int i;

	lock_zspage(&zspage);
	for (i = 0; i < NR_PAGES; i++) { /* __free_zspage() */
		struct page *page = READ_ONCE(zspage.pages[i]);

		VM_BUG_ON_PAGE(!PageLocked(page), page);
		WRITE_ONCE(zspage.pages[i], NULL); /* reset_page() */
		unlock_page(page);
		put_page(page);
	}
}

// unmap_and_move() of the last page, found with a reference by compaction.
THREAD(compaction)
{
	struct page *page = READ_ONCE(zspage.pages[NR_PAGES - 1]), *newpage;

	if (!page || !get_page_unless_zero(page))
		return;
	newpage = alloc_page(GFP_KERNEL);
	lock_page(page);
	migrate_write_lock(&zspage); /* zs_page_migrate() */
	if (zspage.pages[NR_PAGES - 1] == page) {
		copy_highpage(newpage, page);
		get_page(newpage);
		WRITE_ONCE(zspage.pages[NR_PAGES - 1], newpage); /* replace_sub_page() */
		migrate_write_unlock(&zspage);
		put_page(page);
	} else {
		migrate_write_unlock(&zspage);
	}
	unlock_page(page);
	put_page(page);
	put_page(newpage);
}
