// SPDX-License-Identifier: GPL-2.0-or-later
// The page lock excludes, and nobody who waits for it, or for it to be dropped, sleeps forever.
// @source mm/filemap.c v2.6.20: __lock_page(), unlock_page(), wait_on_page_bit()
// @expect all: safe
// @expect[PAGE_WAIT_QUEUE] all: safe
// @expect[NO_UNLOCK_BARRIER, PAGE_WAIT_QUEUE] sc, tso: safe   lkmm: violation (lost wakeup)
#include <ringtail.h>
#include "../lib/page.h"

static struct page *page;

INIT
{
	page = alloc_page(GFP_KERNEL);
	page_write(page, 0);
}

static void add_one(void)
{
	unsigned long before;

	lock_page(page);
	before = page_read(page);
	page_write(page, before + 1);
	unlock_page(page);
}

THREAD(a) { add_one(); }
THREAD(b) { add_one(); }

FINALLY
{
	assert(page_read(page) == 2);
	assert(!PageLocked(page));
}
