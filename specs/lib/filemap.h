// SPDX-License-Identifier: GPL-2.0-or-later
// Files in memory: an address_space with its slots (a radix tree elsewhere, an array here: specs/radix_tree has the tree)
// and the backing store, a word a page. A slot holds a reference of its page. Lookups are lockless with a speculative
// reference, as since v2.6.27; with FIND_GET_PAGE_LOCKED under the tree lock, as before.
// @source mm/filemap.c, include/linux/pagemap.h v2.6.20, v4.5
#pragma once

#ifndef NR_SLOTS
#define NR_SLOTS 1
#endif

struct writeback_control { int sync_mode; };

struct address_space_operations {
	int (*writepage)(struct page *page, struct writeback_control *wbc);
	int (*migratepage)(struct address_space *mapping, struct page *newpage, struct page *page);
	int (*releasepage)(struct page *page, gfp_t gfp);
};

struct address_space {
	rwlock_t tree_lock;
	struct page *page_tree[NR_SLOTS];
	unsigned long nrpages;
	spinlock_t i_mmap_lock;
	struct list_head i_mmap, i_mmap_nonlinear;
	atomic_t i_mmap_writable; /* areas with VM_SHARED, and write() calls */
	spinlock_t private_lock;  /* of buffers */
	const struct address_space_operations *a_ops;
	struct mutex i_mutex;     /* the inode's */
	void *host;
	unsigned long disk[NR_SLOTS];
};

#define radix_tree_lookup_slot(tree, index) (&(*(tree))[index])
#define radix_tree_deref_slot(slot) rcu_dereference(*(slot))
#define radix_tree_replace_slot(slot, item) rcu_assign_pointer(*(slot), item)

// The page enters the cache locked, and the cache takes a reference.
static inline void add_to_page_cache(struct page *page, struct address_space *mapping, pgoff_t index)
{
	get_page(page);
	WRITE_ONCE(page->mapping, mapping);
	WRITE_ONCE(page->index, index);
	write_lock_irq(&mapping->tree_lock);
	rcu_assign_pointer(mapping->page_tree[index], page);
	mapping->nrpages++;
	write_unlock_irq(&mapping->tree_lock);
}

static inline int page_cache_get_speculative(struct page *page)
{
	return get_page_unless_zero(page);
}

// A slot of shared memory may have the number of a swap slot instead of a page (shmem.h).
#ifdef WITH_SHMEM
#define RADIX_TREE_EXCEPTIONAL_ENTRY 2UL
#define RADIX_TREE_EXCEPTIONAL_SHIFT 2
#define radix_tree_exceptional_entry(item) (((unsigned long)(item) & RADIX_TREE_EXCEPTIONAL_ENTRY) != 0)
#define radix_to_swp_entry(item) ((swp_entry_t){ (unsigned long)(item) >> RADIX_TREE_EXCEPTIONAL_SHIFT })
#else
#define radix_tree_exceptional_entry(item) ((void)(item), false)
#define radix_to_swp_entry(item) ((swp_entry_t){ 0 * (unsigned long)(item) }) /* there are none */
#endif

#ifdef FIND_GET_PAGE_LOCKED
static inline struct page *find_get_entry(struct address_space *mapping, pgoff_t index)
{
	struct page *page;

	read_lock_irq(&mapping->tree_lock);
	page = radix_tree_deref_slot(radix_tree_lookup_slot(&mapping->page_tree, index));
	if (page && !radix_tree_exceptional_entry(page))
		page_cache_get(page);
	read_unlock_irq(&mapping->tree_lock);
	return page;
}
#else
static inline struct page *find_get_entry(struct address_space *mapping, pgoff_t index)
{
	struct page **pagep, *page;

	rcu_read_lock();
repeat:
	pagep = radix_tree_lookup_slot(&mapping->page_tree, index);
	page = radix_tree_deref_slot(pagep);
	if (page && !radix_tree_exceptional_entry(page)) {
		if (!page_cache_get_speculative(page))
			goto repeat;
		if (page != READ_ONCE(*pagep)) {
			page_cache_release(page);
			goto repeat;
		}
	}
	rcu_read_unlock();
	return page;
}
#endif

static inline struct page *find_get_page(struct address_space *mapping, pgoff_t index)
{
	struct page *page = find_get_entry(mapping, index);

	return radix_tree_exceptional_entry(page) ? NULL : page;
}

// Migration and reclaim take a page out of the cache only if nobody else holds it: a page that was found, and is held,
// stays in its slot. (Truncation does not ask.)
static inline void held_page_stays(struct address_space *mapping, struct page *page)
{
	assert(radix_tree_deref_slot(radix_tree_lookup_slot(&mapping->page_tree, READ_ONCE(page->index))) == page);
}

static inline struct page *find_lock_entry(struct address_space *mapping, pgoff_t index)
{
	struct page *page;

	for (;;) {
		page = find_get_entry(mapping, index);
		if (!page || radix_tree_exceptional_entry(page))
			return page;
#ifdef NOT_ATOMIC_HELD /* who wants to move the page meanwhile finds it busy */
		atomic_point();
#endif
		lock_page(page);
#ifdef NO_RECHECK
		return page;
#endif
		if (likely(READ_ONCE(page->mapping) == mapping))
			return page;
		unlock_page(page); /* truncated, or moved, in the meantime */
		page_cache_release(page);
	}
}

static inline struct page *find_lock_page(struct address_space *mapping, pgoff_t index)
{
	struct page *page = find_lock_entry(mapping, index);

	return radix_tree_exceptional_entry(page) ? NULL : page;
}

// A page of a file as INIT finds it: read in, clean, in the cache, and nobody else's.
static inline struct page *file_page(struct address_space *mapping, pgoff_t index, unsigned long contents)
{
	struct page *page = alloc_page(GFP_KERNEL);

	mapping->disk[index] = contents;
	page_write(page, contents);
	SetPageUptodate(page);
	add_to_page_cache(page, mapping, index);
	put_page(page);
	return page;
}

static inline void init_address_space(struct address_space *mapping)
{
	INIT_LIST_HEAD(&mapping->i_mmap);
	INIT_LIST_HEAD(&mapping->i_mmap_nonlinear);
	mapping->host = mapping;
}

// read() of one page: do_generic_mapping_read()
static inline unsigned long read_file_page(struct address_space *mapping, pgoff_t index)
{
	struct page *page = find_get_page(mapping, index);
	unsigned long value;

	BUG_ON(!page);
	if (!PageUptodate(page)) {
		lock_page(page); /* somebody is reading it in, or moving it */
		BUG_ON(!PageUptodate(page));
		unlock_page(page);
	}
	value = page_read(page);
	page_cache_release(page);
	return value;
}

static inline int set_page_dirty(struct page *page)
{
	return !TestSetPageDirty(page);
}

static inline int set_page_dirty_lock(struct page *page)
{
	int ret;

	lock_page(page);
	ret = set_page_dirty(page);
	unlock_page(page);
	return ret;
}
