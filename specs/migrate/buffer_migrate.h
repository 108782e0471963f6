// SPDX-License-Identifier: GPL-2.0-or-later
// Moving a page that has buffers: they are locked, but who only holds a reference may still write through b_data.
//
// CHECK_REFS: the block device's variant since v5.0. It locks the buffers before it moves anything ("mm: migrate: lock
// buffers before migrate_page_move_mapping()"), looks whether somebody has a reference, and lets private_lock go.
// FIX_MIG_10: that, and commit ebdf4de5642f, which holds private_lock until the page is copied.
//
// @source mm/migrate.c v2.6.20: buffer_migrate_page(); v5.0, v5.3: __buffer_migrate_page()
#pragma once

#if defined(FIX_MIG_10) && !defined(CHECK_REFS)
#define CHECK_REFS
#endif

static inline bool buffers_are_referenced(struct buffer_head *head)
{
	struct buffer_head *bh = head;

	do {
		if (atomic_read(&bh->b_count))
			return true;
		bh = bh->b_this_page;
	} while (bh != head);
	return false;
}

static inline void unlock_buffers(struct buffer_head *head)
{
	struct buffer_head *bh = head;

	do {
		unlock_buffer(bh);
#ifndef CHECK_REFS
		put_bh(bh);
#endif
		bh = bh->b_this_page;
	} while (bh != head);
}

static inline void lock_buffers(struct buffer_head *head)
{
	struct buffer_head *bh = head;

	do {
#ifndef CHECK_REFS
		get_bh(bh);
#endif
		lock_buffer(bh);
		bh = bh->b_this_page;
	} while (bh != head);
}

static inline void move_buffers(struct page *newpage, struct page *page, struct buffer_head *head)
{
	struct buffer_head *bh = head;

	ClearPagePrivate(page);
	set_page_private(newpage, page_private(page));
	set_page_private(page, 0);
	put_page(page);
	get_page(newpage);
	do {
		set_bh_page(bh, newpage);
		bh = bh->b_this_page;
	} while (bh != head);
	SetPagePrivate(newpage);
}

static int buffer_migrate_page(struct address_space *mapping, struct page *newpage, struct page *page)
{
	struct buffer_head *head;
	int rc;

	if (!page_has_buffers(page))
		return migrate_page(mapping, newpage, page);
	head = page_buffers(page);
#ifdef CHECK_REFS
	lock_buffers(head);
	spin_lock(&mapping->private_lock);
	rc = buffers_are_referenced(head) ? -EAGAIN : 0;
#ifndef FIX_MIG_10
	spin_unlock(&mapping->private_lock);
#endif
	if (!rc)
		rc = migrate_page_move_mapping(mapping, newpage, page);
#else
	rc = migrate_page_move_mapping(mapping, newpage, page);
	if (rc)
		return rc;
	lock_buffers(head);
#endif
	if (!rc) {
		move_buffers(newpage, page, head);
		migrate_page_copy(newpage, page);
	}
#ifdef FIX_MIG_10
	spin_unlock(&mapping->private_lock);
#endif
	unlock_buffers(head);
	return rc;
}
