// SPDX-License-Identifier: GPL-2.0-or-later
// Punching a hole into shared memory: pages go, and what is swapped out is given up. A page that is swapped out, or brought
// back, between the look and the lock is looked up again. Left out: what shmem_fallocate() unmaps beforehand, to be faster.
// @source mm/shmem.c v4.5: shmem_undo_range(), shmem_free_swap()
#pragma once

static inline int shmem_free_swap(struct address_space *mapping, pgoff_t index, struct page *radswap)
{
	int error;

	write_lock_irq(&mapping->tree_lock);
	error = shmem_radix_tree_replace(mapping, index, radswap, NULL); /* radix_tree_delete_item() */
	write_unlock_irq(&mapping->tree_lock);
	if (error)
		return -ENOENT;
	free_swap_and_cache(radix_to_swp_entry(radswap));
	return 0;
}

// False: the page was replaced by swap, or swap by the page, in the meantime.
static inline bool shmem_undo_index(struct address_space *mapping, pgoff_t index)
{
	struct page *page = find_get_entry(mapping, index);
	bool gone = true;

	if (!page)
		return true;
	if (radix_tree_exceptional_entry(page))
		return shmem_free_swap(mapping, index, page) == 0;
	lock_page(page);
	if (READ_ONCE(page->mapping) == mapping)
		truncate_inode_page(mapping, page);
	else
		gone = false;
	unlock_page(page);
	page_cache_release(page);
	return gone;
}

static inline void shmem_undo_range(struct address_space *mapping, pgoff_t start, pgoff_t end)
{
	for (pgoff_t index = start; index < end; index++)
		while (!shmem_undo_index(mapping, index))
			;
}
