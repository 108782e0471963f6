// SPDX-License-Identifier: GPL-2.0-or-later
// Moving the pages of filesystems that know nothing of it: a dirty page is written first, and tried again.
// @source mm/migrate.c v2.6.20: writeout(), fallback_migrate_page()
#pragma once

static inline int writeout(struct address_space *mapping, struct page *page)
{
	struct writeback_control wbc = { .sync_mode = 0 };
	int rc;

	if (!mapping->a_ops->writepage)
		return -EINVAL;
	if (!TestClearPageDirty(page)) /* clear_page_dirty_for_io() */
		return -EAGAIN;
	remove_migration_ptes(page, page);
	rc = mapping->a_ops->writepage(page, &wbc);
	if (rc < 0)
		return -EIO;
	lock_page(page); /* writepage unlocked it */
	return -EAGAIN;
}

static inline int fallback_migrate_page(struct address_space *mapping, struct page *newpage, struct page *page)
{
	if (PageDirty(page))
		return writeout(mapping, page);
	if (PagePrivate(page) && !(mapping->a_ops->releasepage && mapping->a_ops->releasepage(page, GFP_KERNEL)))
		return -EAGAIN;
	return migrate_page(mapping, newpage, page);
}
