// SPDX-License-Identifier: GPL-2.0-or-later
// A dirty page is moved: the slot has the new page already when the dirty bit is still on its way, and whoever looks meanwhile
// for dirty pages finds a clean one.
// @source mm/migrate.c v4.3: migrate_page_move_mapping(), migrate_page_copy(); mm/page-writeback.c v4.3: clear_page_dirty_for_io()
// @bug MIG-08 42cb14b110a5698ccf26ce59c4441722605a3743 (v4.4) mm: migrate dirty page without clear_page_dirty_for_io etc
// @seed present
// @expect all: violation (assertion)
// @expect[FIX_MIG_08] all: safe
#include <ringtail.h>

#define PG_dirty 4

struct page {
	unsigned long flags;
	struct address_space *mapping;
};

static struct address_space {
	spinlock_t tree_lock;
	struct page *slot;
	int nr_dirty; /* NR_FILE_DIRTY */
} mapping;
static struct page pages[2];

INIT
{
	pages[0].mapping = &mapping;
	set_bit(PG_dirty, &pages[0].flags);
	mapping.slot = &pages[0];
	mapping.nr_dirty = 1;
}

static void migrate_page(struct page *newpage, struct page *page)
{
	bool dirty;

	spin_lock_irq(&mapping.tree_lock);
	newpage->mapping = page->mapping;
#ifdef FIX_MIG_08
	dirty = test_and_clear_bit(PG_dirty, &page->flags);
	if (dirty)
		set_bit(PG_dirty, &newpage->flags);
#endif
	WRITE_ONCE(mapping.slot, newpage);
	spin_unlock_irq(&mapping.tree_lock);
#ifndef FIX_MIG_08
	dirty = test_and_clear_bit(PG_dirty, &page->flags); /* clear_page_dirty_for_io() */
	if (dirty) {
		spin_lock_irq(&mapping.tree_lock);
		mapping.nr_dirty--;
		spin_unlock_irq(&mapping.tree_lock);
		if (!test_and_set_bit(PG_dirty, &newpage->flags)) { /* set_page_dirty() */
			spin_lock_irq(&mapping.tree_lock);
			mapping.nr_dirty++;
			spin_unlock_irq(&mapping.tree_lock);
		}
	}
#endif
}

THREAD(move_pages)
{
	migrate_page(&pages[1], &pages[0]);
}

// What is dirty is known to be, for whoever asks under the lock: sync() must not think that there is nothing to write.
THREAD(writeback)
{
	spin_lock_irq(&mapping.tree_lock);
	assert(mapping.nr_dirty == 1 && test_bit(PG_dirty, &mapping.slot->flags));
	spin_unlock_irq(&mapping.tree_lock);
}

FINALLY { assert(mapping.nr_dirty == 1 && test_bit(PG_dirty, &pages[1].flags) && !test_bit(PG_dirty, &pages[0].flags)); }
