// SPDX-License-Identifier: GPL-2.0-or-later
// Swap: slots of backing store, a word each. swap_map counts the PTEs that name a slot; SWAP_HAS_CACHE in it says that a page
// stands for the slot in the swap cache (or is about to), which is an address_space indexed by slots. A page in the cache has
// PG_swapcache and its slot in page->private, and the cache holds a reference of it.
//
// A spec that defines NR_SWAP_SLOTS has swap; in the others a PTE that is not present is a migration entry.
//
// @source mm/swap_state.c v4.5: add_to_swap(), __add_to_swap_cache(), read_swap_cache_async(), delete_from_swap_cache()
// @source mm/swapfile.c v4.5: swap_duplicate(), swap_free(), swapcache_prepare(), free_swap_and_cache(), try_to_free_swap()
// @source mm/memory.c v4.5: do_swap_page()
#pragma once

#define SWAP_HAS_CACHE 0x40
#define swap_count(ent) ((ent) & ~SWAP_HAS_CACHE)

static struct swap_info_struct {
	spinlock_t lock;
	unsigned long swap_map[NR_SWAP_SLOTS];
	unsigned long disk[NR_SWAP_SLOTS];
} swap_info;

static struct address_space swapper_space;
#define swap_slot(entry) swap_info.swap_map[swp_offset(entry)]
#define page_swp_entry(page) ((swp_entry_t){ page_private(page) })

static inline void swap_duplicate(swp_entry_t entry)
{
	spin_lock(&swap_info.lock);
	BUG_ON(!swap_slot(entry));
	WRITE_ONCE(swap_slot(entry), swap_slot(entry) + 1);
	spin_unlock(&swap_info.lock);
}

// What of the slot's users is left.
static inline unsigned long swap_entry_free(swp_entry_t entry, unsigned long usage)
{
	if (usage == SWAP_HAS_CACHE) {
		VM_BUG_ON(!(swap_slot(entry) & SWAP_HAS_CACHE));
		WRITE_ONCE(swap_slot(entry), swap_slot(entry) & ~SWAP_HAS_CACHE);
	} else {
		VM_BUG_ON(!swap_count(swap_slot(entry)));
		WRITE_ONCE(swap_slot(entry), swap_slot(entry) - 1);
	}
	return swap_slot(entry);
}

static inline void swap_free(swp_entry_t entry)
{
	spin_lock(&swap_info.lock);
	swap_entry_free(entry, 1);
	spin_unlock(&swap_info.lock);
}

static inline int swapcache_prepare(swp_entry_t entry)
{
	int err = 0;

	spin_lock(&swap_info.lock);
	if (!swap_count(swap_slot(entry)))
		err = -ENOENT;
	else if (swap_slot(entry) & SWAP_HAS_CACHE)
		err = -EEXIST;
	else
		WRITE_ONCE(swap_slot(entry), swap_slot(entry) | SWAP_HAS_CACHE);
	spin_unlock(&swap_info.lock);
	return err;
}

static inline void swapcache_free(swp_entry_t entry)
{
	spin_lock(&swap_info.lock);
	swap_entry_free(entry, SWAP_HAS_CACHE);
	spin_unlock(&swap_info.lock);
}

static inline struct page *lookup_swap_cache(swp_entry_t entry)
{
	return find_get_page(&swapper_space, swp_offset(entry));
}

static inline void __add_to_swap_cache(struct page *page, swp_entry_t entry)
{
	get_page(page);
	SetPageSwapCache(page);
	set_page_private(page, entry.val);
	write_lock_irq(&swapper_space.tree_lock);
	rcu_assign_pointer(swapper_space.page_tree[swp_offset(entry)], page);
	write_unlock_irq(&swapper_space.tree_lock);
}

// Under tree_lock.
static inline void __delete_from_swap_cache(struct page *page)
{
	rcu_assign_pointer(swapper_space.page_tree[swp_offset(page_swp_entry(page))], NULL);
	set_page_private(page, 0);
	ClearPageSwapCache(page);
}

static inline void delete_from_swap_cache(struct page *page)
{
	swp_entry_t entry = page_swp_entry(page);

	write_lock_irq(&swapper_space.tree_lock);
	__delete_from_swap_cache(page);
	write_unlock_irq(&swapper_space.tree_lock);
	swapcache_free(entry);
	put_page(page);
}

static inline struct page *read_swap_cache_async(swp_entry_t entry)
{
	struct page *found, *new_page = NULL;
	int err;

	do {
		found = lookup_swap_cache(entry);
		if (found)
			break;
		if (!new_page)
			new_page = alloc_page(GFP_HIGHUSER);
		err = swapcache_prepare(entry);
		if (err == -EEXIST) { /* whoever was first has yet to put his page there */
			spin_until_cond(READ_ONCE(swapper_space.page_tree[swp_offset(entry)]) ||
					!(READ_ONCE(swap_slot(entry)) & SWAP_HAS_CACHE));
			continue;
		}
		if (err)
			break;
		set_bit(PG_locked, &new_page->flags); /* __set_page_locked() */
		__add_to_swap_cache(new_page, entry);
		page_write(new_page, READ_ONCE(swap_info.disk[swp_offset(entry)])); /* swap_readpage() */
		SetPageUptodate(new_page);
		unlock_page(new_page);
		return new_page;
	} while (1);
	if (new_page)
		put_page(new_page);
	return found;
}

static inline int try_to_free_swap(struct page *page)
{
	VM_BUG_ON_PAGE(!PageLocked(page), page);
	if (!PageSwapCache(page) || PageWriteback(page))
		return 0;
	if (swap_count(READ_ONCE(swap_slot(page_swp_entry(page)))))
		return 0;
	delete_from_swap_cache(page);
	SetPageDirty(page);
	return 1;
}

// A PTE that names the slot goes; with the last one the cached page, if nobody uses it.
static inline void free_swap_and_cache(swp_entry_t entry)
{
	struct page *page = NULL;

	spin_lock(&swap_info.lock);
	if (swap_entry_free(entry, 1) == SWAP_HAS_CACHE) {
		page = lookup_swap_cache(entry);
		if (page && !trylock_page(page)) {
			put_page(page);
			page = NULL;
		}
	}
	spin_unlock(&swap_info.lock);
	if (!page)
		return;
	if (PageSwapCache(page) && !PageWriteback(page) && !page_mapped(page)) {
		delete_from_swap_cache(page);
		SetPageDirty(page);
	}
	unlock_page(page);
	put_page(page);
}

// Each slot is counted by those who name it, in a page table or in a file of shared memory; a slot that nobody names may have its page in the cache, until that is reclaimed.
static inline void check_swap(struct mm_struct *mm, struct address_space *mapping)
{
	for (unsigned long slot = 0; slot < NR_SWAP_SLOTS; slot++) {
		unsigned long named = 0;

		for (int i = 0; i < PTRS_PER_PTE; i++)
			named += is_swap_pte(mm->pgt[i]) && !is_migration_entry(pte_to_swp_entry(mm->pgt[i])) &&
				 swp_offset(pte_to_swp_entry(mm->pgt[i])) == slot;
		for (int i = 0; mapping && i < NR_SLOTS; i++)
			named += radix_tree_exceptional_entry(mapping->page_tree[i]) &&
				 swp_offset(radix_to_swp_entry(mapping->page_tree[i])) == slot;
		assert(swap_info.swap_map[slot] == (named | (swapper_space.page_tree[slot] ? SWAP_HAS_CACHE : 0)));
	}
}

#define SWAP_INVARIANTS(mm) FINALLY { check_swap(&(mm), NULL); }
#define SHMEM_INVARIANTS(mm, mapping) FINALLY { check_swap(&(mm), &(mapping)); }
