// SPDX-License-Identifier: GPL-2.0-or-later
// A page of a block device moves while a filesystem changes a block of it.
// Through its buffer, with a reference and without the buffer's lock, as filesystems change their metadata.
// @source mm/migrate.c v2.6.20: buffer_migrate_page()
// @source fs/buffer.c v5.3: __find_get_block_slow()
// @bug MIG-10 ebdf4de5642f (v5.3) mm: migrate: fix reference check race between __find_get_block() and migration: a buffer
//   is taken between the check for references and the move
// @seed present
//
// Under lkmm it can go wrong earlier: nothing orders the new page's buffers before the flag that tells of them, for who takes
// private_lock only.
// @expect sc, tso: violation (assertion)   lkmm: violation
// @expect[CHECK_REFS] sc, tso: violation (assertion)   lkmm: violation
// @expect[FIX_MIG_10] all: safe
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/buffer.h"
#include "../lib/invariants.h"
#include "migrate.h"
#include "buffer_migrate.h"

static const struct address_space_operations bdev_aops = { .migratepage = buffer_migrate_page };
static struct address_space bdev;
static struct mm_struct mm;
static struct page *page;

INIT
{
	init_address_space(&bdev);
	bdev.a_ops = &bdev_aops;
	page = file_page(&bdev, 0, 1);
	create_empty_buffers(page);
	get_page(page); /* isolate_lru_page() */
}

THREAD(filesystem)
{
	struct buffer_head *bh = __find_get_block(&bdev, 0);

	if (!bh)
		return; /* __getblk_slow() waits for the page lock */
	WRITE_ONCE(*READ_ONCE(bh->b_data), 2);
	mark_buffer_dirty(bh);
	block_stored(0, 2);
	brelse(bh);
}

THREAD(move_pages)
{
	op_move_page(page, 1);
}

MM_INVARIANTS(mm, &bdev)
BUFFER_INVARIANTS(&bdev)
