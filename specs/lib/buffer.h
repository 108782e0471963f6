// SPDX-License-Identifier: GPL-2.0-or-later
// Buffer heads: blocks of a page of the page cache, found through it or through per-CPU lists, held by references of their
// own. b_data points into the page's contents.
//
// Stated here: what was stored last through a buffer is what the page of its block has, and buffer and page agree
// (BUFFER_INVARIANTS). A path calls block_stored() where the store is done.
// @source fs/buffer.c v2.6.20, v5.3: __find_get_block_slow(), try_to_free_buffers()
#pragma once

#define BH_Lock 0
#define BH_Dirty 1

struct buffer_head {
	unsigned long b_state;
	atomic_t b_count;
	struct page *b_page;
	unsigned long *b_data;
	struct buffer_head *b_this_page;
};

#define page_has_buffers(page) PagePrivate(page)
#define page_buffers(page) ((struct buffer_head *)page_private(page))
#define mark_buffer_dirty(bh) set_bit(BH_Dirty, &(bh)->b_state)

static inline void get_bh(struct buffer_head *bh) { atomic_inc(&bh->b_count); }

static inline void put_bh(struct buffer_head *bh)
{
	smp_mb__before_atomic();
	atomic_dec(&bh->b_count);
}

#define brelse(bh) put_bh(bh)

static inline void lock_buffer(struct buffer_head *bh)
{
	might_sleep();
	(void)__rt_block_add(clear, &__rt_word(BH_Lock, &bh->b_state)->counter, __rt_mask(BH_Lock), __rt_mask(BH_Lock));
}

static inline void unlock_buffer(struct buffer_head *bh) { clear_bit_unlock(BH_Lock, &bh->b_state); }

static unsigned long block_memory[NR_SLOTS]; /* what filesystems think is there */

static inline void block_stored(pgoff_t index, unsigned long value)
{
	block_memory[index] = value;
}

static inline void set_bh_page(struct buffer_head *bh, struct page *page)
{
	WRITE_ONCE(bh->b_page, page);
	WRITE_ONCE(bh->b_data, READ_ONCE(page->frame));
}

// One buffer a page, as INIT makes it.
static inline struct buffer_head *create_empty_buffers(struct page *page)
{
	struct buffer_head *bh = kzalloc(sizeof(*bh), GFP_KERNEL);

	bh->b_this_page = bh;
	set_bh_page(bh, page);
	block_stored(page->index, page_read(page));
	set_page_private(page, (unsigned long)bh);
	SetPagePrivate(page);
	get_page(page);
	return bh;
}

static inline struct buffer_head *__find_get_block(struct address_space *mapping, pgoff_t index)
{
	struct buffer_head *bh = NULL;
	struct page *page = find_get_page(mapping, index);

	if (!page)
		return NULL;
	spin_lock(&mapping->private_lock);
	if (page_has_buffers(page)) {
		bh = page_buffers(page);
		get_bh(bh);
	}
	spin_unlock(&mapping->private_lock);
	page_cache_release(page);
	return bh;
}

static inline void check_buffers(struct address_space *mapping)
{
	for (pgoff_t index = 0; index < NR_SLOTS; index++) {
		struct page *page = mapping->page_tree[index];
		struct buffer_head *bh;

		if (!page || !page_has_buffers(page))
			continue;
		bh = page_buffers(page);
		assert(page_read(page) == block_memory[index]);
		assert(bh->b_page == page && bh->b_data == page->frame);
		assert(!atomic_read(&bh->b_count) && !test_bit(BH_Lock, &bh->b_state));
	}
}

#define BUFFER_INVARIANTS(mapping) FINALLY { check_buffers(mapping); }
