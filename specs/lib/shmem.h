// SPDX-License-Identifier: GPL-2.0-or-later
// Shared memory (tmpfs): a file whose pages have no backing store but swap. Reclaim puts a page into the swap cache and leaves
// the swap slot's number in the file's tree, an exceptional entry; whoever wants the page brings it back. The tree lock alone
// says which of the two is there: the page lock of a page in the swap cache keeps it there, not its number in the tree.
//
// A spec that defines WITH_SHMEM, and NR_SWAP_SLOTS, has files of this kind and no other.
//
// MM_03 takes back commit 215c02bc33bb (v3.7), which found that a hole may be punched while the page is locked.
//
// @source mm/shmem.c v4.5: shmem_getpage_gfp(), shmem_add_to_page_cache(), shmem_confirm_swap(), shmem_writepage()
// @source mm/vmscan.c v4.5: shrink_page_list()
#pragma once

#define swp_to_radix_entry(entry) \
	((struct page *)((entry).val << RADIX_TREE_EXCEPTIONAL_SHIFT | RADIX_TREE_EXCEPTIONAL_ENTRY))

// Under tree_lock: what is expected in the slot is replaced.
static inline int shmem_radix_tree_replace(struct address_space *mapping, pgoff_t index, struct page *expected,
					   struct page *replacement)
{
	struct page **pslot = radix_tree_lookup_slot(&mapping->page_tree, index);

	if (READ_ONCE(*pslot) != expected)
		return expected ? -ENOENT : -EEXIST;
	radix_tree_replace_slot(pslot, replacement);
	return 0;
}

static inline int shmem_add_to_page_cache(struct page *page, struct address_space *mapping, pgoff_t index,
					  struct page *expected)
{
	int error;

	VM_BUG_ON_PAGE(!PageLocked(page), page);
	page_cache_get(page);
	WRITE_ONCE(page->mapping, mapping);
	WRITE_ONCE(page->index, index);
	write_lock_irq(&mapping->tree_lock);
	error = shmem_radix_tree_replace(mapping, index, expected, page);
	if (!error) {
		mapping->nrpages++;
		write_unlock_irq(&mapping->tree_lock);
	} else {
		WRITE_ONCE(page->mapping, NULL);
		write_unlock_irq(&mapping->tree_lock);
		page_cache_release(page);
	}
	return error;
}

static inline void shmem_delete_from_page_cache(struct page *page, struct page *radswap)
{
	struct address_space *mapping = READ_ONCE(page->mapping);
	int error;

	write_lock_irq(&mapping->tree_lock);
	error = shmem_radix_tree_replace(mapping, READ_ONCE(page->index), page, radswap);
	WRITE_ONCE(page->mapping, NULL);
	mapping->nrpages--;
	write_unlock_irq(&mapping->tree_lock);
	page_cache_release(page);
	BUG_ON(error);
}

static inline bool shmem_confirm_swap(struct address_space *mapping, pgoff_t index, swp_entry_t swap)
{
	struct page *item;

	rcu_read_lock();
	item = radix_tree_deref_slot(radix_tree_lookup_slot(&mapping->page_tree, index));
	rcu_read_unlock();
	return item == swp_to_radix_entry(swap);
}

// What shmem_getpage_gfp() does with the page of the swap cache, of which it has a reference.
static inline int shmem_swapped_in(struct address_space *mapping, pgoff_t index, swp_entry_t swap, struct page *page)
{
	int error;

	lock_page(page);
	if (!PageSwapCache(page) || page_private(page) != swap.val || !shmem_confirm_swap(mapping, index, swap)) {
		error = -EEXIST; /* try again */
		goto unlock;
	}
	BUG_ON(!PageUptodate(page)); /* -EIO */
	error = shmem_add_to_page_cache(page, mapping, index, swp_to_radix_entry(swap));
#ifdef MM_03
	VM_BUG_ON(error);
#endif
	delete_from_swap_cache(page);
	if (error)
		goto failed;
	set_page_dirty(page);
	swap_free(swap);
	return 0;

failed:
	if (!shmem_confirm_swap(mapping, index, swap))
		error = -EEXIST;
unlock:
	unlock_page(page);
	page_cache_release(page);
	return error;
}

// The half of shmem_getpage_gfp() that brings a page back: its own function since v5.1.
static inline int shmem_swapin_page(struct address_space *mapping, pgoff_t index, swp_entry_t swap, struct page **pagep)
{
	*pagep = lookup_swap_cache(swap);
	if (!*pagep)
		*pagep = read_swap_cache_async(swap); /* shmem_swapin() */
	if (!*pagep)
		return shmem_confirm_swap(mapping, index, swap) ? -ENOMEM : -EEXIST;
	return shmem_swapped_in(mapping, index, swap, *pagep);
}

static inline int shmem_new_page(struct address_space *mapping, pgoff_t index, struct page **pagep)
{
	struct page *page = alloc_page(GFP_HIGHUSER);

	WRITE_ONCE(page->flags, BIT(PG_swapbacked) | BIT(PG_locked));
	if (shmem_add_to_page_cache(page, mapping, index, NULL)) {
		unlock_page(page);
		page_cache_release(page);
		return -EEXIST;
	}
	clear_highpage(page);
	SetPageUptodate(page);
	set_page_dirty(page);
	*pagep = page;
	return 0;
}

// The page of index, locked, with a reference.
static inline struct page *shmem_getpage_gfp(struct address_space *mapping, pgoff_t index)
{
	struct page *page;
	int error;

	do {
		page = find_lock_entry(mapping, index);
		error = 0;
		if (radix_tree_exceptional_entry(page))
			error = shmem_swapin_page(mapping, index, radix_to_swp_entry(page), &page);
		else if (!page)
			error = shmem_new_page(mapping, index, &page);
	} while (error == -EEXIST);
	return error ? NULL : page;
}

static inline void shmem_writepage(struct page *page, swp_entry_t swap)
{
	WRITE_ONCE(swap_slot(swap), SWAP_HAS_CACHE); /* get_swap_page() */
	__add_to_swap_cache(page, swap);
	swap_duplicate(swap); /* swap_shmem_alloc() */
	shmem_delete_from_page_cache(page, swp_to_radix_entry(swap));
	BUG_ON(page_mapped(page));
	WRITE_ONCE(swap_info.disk[swp_offset(swap)], page_read(page)); /* swap_writepage(), done at once */
}

// Reclaim of a page that nobody maps and that is isolated, to a slot that is free: the reference is dropped here.
static inline void op_shmem_swap_out(struct page *page, unsigned long slot)
{
	lock_page(page);
	if (READ_ONCE(page->mapping) && page_count(page) == 2 && TestClearPageDirty(page)) { /* is_page_cache_freeable() */
		shmem_writepage(page, swp_entry(slot));
		if (__remove_mapping(page)) {
			unlock_page(page);
			free_hot_cold_page(page); /* its count is zero already */
			return;
		}
	}
	unlock_page(page);
	put_page(page);
}

// A page as INIT finds it: swapped out, to a slot.
static inline void shm_swapped_out(struct address_space *mapping, pgoff_t index, unsigned long slot, unsigned long contents)
{
	swap_info.swap_map[slot] = 1;
	swap_info.disk[slot] = contents;
	mapping->page_tree[index] = swp_to_radix_entry(swp_entry(slot));
}
