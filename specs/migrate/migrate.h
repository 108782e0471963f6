// SPDX-License-Identifier: GPL-2.0-or-later
// Page migration as Linux 2.6.20 does it: isolate the page from the LRU, lock it, replace the PTEs that map it by migration
// entries, give its place in the page cache to a new page, copy, and turn the entries into PTEs of the new page. Whoever
// faults on an entry waits for the page lock. A move that fails puts the entries back.
//
// Fewer attempts than the kernel's 10, the later ones with force, as there (pass > 2).
//
// @source mm/migrate.c v2.6.20: isolate_lru_page() to migrate_pages()
#pragma once

#include "isolate.h"
#include "unmap.h"

#ifndef MIGRATE_PASSES
#define MIGRATE_PASSES 2
#endif
#ifndef MIGRATE_EXTRA_COUNT
#define MIGRATE_EXTRA_COUNT 0 /* what a file's owner holds of its pages: an argument since v3.12 */
#endif
typedef struct page *new_page_t(struct page *page, unsigned long private, int **result);

static inline int migrate_page_move_mapping(struct address_space *mapping, struct page *newpage, struct page *page)
{
	struct page **pslot;

	if (!mapping) { /* anonymous, and not in the swap cache */
#ifndef NO_COUNT_CHECK
		if (page_count(page) != 1)
			return -EAGAIN;
#ifdef COUNT_BARRIER
		smp_rmb(); /* who saw the last reference dropped sees what was written through it */
#endif
#endif
		return 0;
	}
	write_lock_irq(&mapping->tree_lock);
	pslot = radix_tree_lookup_slot(&mapping->page_tree, READ_ONCE(page->index));
	if (page_count(page) != 2 + !!PagePrivate(page) + MIGRATE_EXTRA_COUNT || radix_tree_deref_slot(pslot) != page) {
		write_unlock_irq(&mapping->tree_lock);
		return -EAGAIN;
	}
#ifdef FREEZE_REFS /* since v2.6.27, for readers that take no lock */
	if (!page_freeze_refs(page, 2 + !!PagePrivate(page) + MIGRATE_EXTRA_COUNT)) {
		write_unlock_irq(&mapping->tree_lock);
		return -EAGAIN;
	}
#endif
	get_page(newpage); /* the cache's */
	radix_tree_replace_slot(pslot, newpage);
#ifdef FREEZE_REFS
	page_unfreeze_refs(page, 1 + !!PagePrivate(page) + MIGRATE_EXTRA_COUNT);
#else
	__put_page(page);
#endif
	write_unlock_irq(&mapping->tree_lock);
	return 0;
}

static inline void migrate_page_copy(struct page *newpage, struct page *page)
{
	copy_highpage(newpage, page);
	if (PageUptodate(page))
		SetPageUptodate(newpage);
#ifndef WITHOUT_LRU
	if (TestClearPageActive(page))
		SetPageActive(newpage);
#endif
	if (TestClearPageDirty(page))
		set_page_dirty(newpage);
	ClearPagePrivate(page);
	WRITE_ONCE(page->mapping, NULL);
	if (PageWriteback(newpage))
		end_page_writeback(newpage);
}

static inline int migrate_page(struct address_space *mapping, struct page *newpage, struct page *page)
{
	int rc;

	BUG_ON(PageWriteback(page));
	rc = migrate_page_move_mapping(mapping, newpage, page);
	if (rc)
		return rc;
	migrate_page_copy(newpage, page);
	return 0;
}

#include "writeout.h"

static inline int move_to_new_page(struct page *newpage, struct page *page)
{
	struct address_space *mapping;
	int rc;

	if (TestSetPageLocked(newpage))
		BUG();
	WRITE_ONCE(newpage->index, READ_ONCE(page->index));
	WRITE_ONCE(newpage->mapping, READ_ONCE(page->mapping));
	mapping = page_mapping(page);
	if (!mapping)
		rc = migrate_page(mapping, newpage, page);
	else if (mapping->a_ops && mapping->a_ops->migratepage)
		rc = mapping->a_ops->migratepage(mapping, newpage, page);
	else
		rc = fallback_migrate_page(mapping, newpage, page);
	if (!rc)
		remove_migration_ptes(page, newpage);
	else
		WRITE_ONCE(newpage->mapping, NULL);
	unlock_page(newpage);
	return rc;
}

static inline int unmap_and_move(new_page_t get_new_page, unsigned long private, struct page *page, int force)
{
	int rc = 0, *result = NULL;
	struct page *newpage = get_new_page(page, private, &result);

	if (!newpage)
		return -ENOMEM;
	if (page_count(page) == 1) {
		putback_page(page); /* freed by its user meanwhile; there, at the end, with those that are left on the list */
		goto move_newpage;
	}
	rc = -EAGAIN;
	if (TestSetPageLocked(page)) {
		if (!force)
			goto move_newpage;
		lock_page(page);
	}
	if (PageWriteback(page)) {
		if (!force)
			goto unlock;
		wait_on_page_writeback(page);
	}
	try_to_unmap(page, 1);
#ifdef NOT_ATOMIC_MIGRATING /* who looks for the page finds a migration entry, and no page */
	atomic_point();
#endif
	if (!page_mapped(page))
		rc = move_to_new_page(newpage, page);
	if (rc)
		remove_migration_ptes(page, page);
unlock:
	unlock_page(page);
	if (rc != -EAGAIN)
		putback_page(page);
move_newpage:
	move_to_lru(newpage);
	if (result)
		*result = rc ? rc : page_to_nid(newpage);
	return rc;
}

static inline int migrate_pages(struct list_head *from, new_page_t get_new_page, unsigned long private)
{
	int retry = 1, nr_failed = 0, pass, rc = 0;
	struct page *page, *page2;

	for (pass = 0; pass < MIGRATE_PASSES && retry; pass++) {
		retry = 0;
		list_for_each_entry_safe(page, page2, from, lru) {
			cond_resched();
			rc = unmap_and_move(get_new_page, private, page, pass > 0);
			if (rc == -ENOMEM)
				goto out;
			if (rc == -EAGAIN)
				retry++;
			else if (rc)
				nr_failed++;
		}
	}
	rc = 0;
out:
	putback_lru_pages(from);
	return rc ? rc : nr_failed + retry;
}

static inline struct page *new_page_on(struct page *page, unsigned long nid, int **result)
{
	(void)page;
	(void)result;
	return alloc_pages_node((int)nid, GFP_HIGHUSER, 0);
}

// One attempt to move an isolated page to a node.
static inline int op_move_page(struct page *page, int nid)
{
	int rc = unmap_and_move(new_page_on, (unsigned long)nid, page, 1);

	if (rc == -EAGAIN)
		putback_page(page);
	return rc;
}
