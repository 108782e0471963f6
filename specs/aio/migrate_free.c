// SPDX-License-Identifier: GPL-2.0-or-later
// The page of the completion ring is to be moved while its context is destroyed.
// The mover finds the context through the file, which outlives it.
// @source fs/aio.c v3.12, v3.13: aio_migratepage(), put_aio_ring_file()
// @bug[AIO_17_FREE] AIO-17 5e9ae2e5da0b (v3.13) aio: fix use-after-free in aio_migratepage
// @seed other: the seed's ring is pinned
// @expect all: safe
// @expect[AIO_17_FREE] all: violation (use after free)
#include "ring_pages.h"

static struct kioctx *ctx;
static struct page *old, *new;

INIT
{
	ctx = aio_setup_ring();
	old = ctx->ring_pages[0];
	get_page(old); /* isolate_lru_page() */
	new = alloc_page(GFP_HIGHUSER);
}

THREAD(destroyer) { free_ioctx(ctx); }
THREAD(mover) { move_ring_page(new, old); }

RING_INVARIANTS
