// SPDX-License-Identifier: GPL-2.0-or-later
// The page of the completion ring moves while events are read from it.
// A head that is stored to the old page after the copy is lost, and the page is free by then.
// @source fs/aio.c v3.12, v3.15: aio_migratepage(), aio_read_events_ring()
// @bug[AIO_17_HEAD] AIO-17 fa8a53c39f3f (v3.15) aio: v4 ensure access to ctx->ring_pages is correctly serialised for
//   migration
// @seed other: the seed's ring is pinned; the mover is the seed's
// @expect all: safe
// @expect[AIO_17_HEAD] all: violation (use after free)
#include "ring_pages.h"

static struct kioctx *ctx;
static struct page *old, *new;

INIT
{
	ctx = aio_setup_ring();
	request_accepted(0);
	aio_complete(ctx, 0);
	old = ctx->ring_pages[0];
	get_page(old); /* isolate_lru_page() */
	new = alloc_page(GFP_HIGHUSER);
}

THREAD(reader) { aio_read_events_ring(ctx); }
THREAD(mover) { move_ring_page(new, old); }

FINALLY
{
	aio_read_events_ring(ctx); /* nothing should be left to be read */
}

RING_INVARIANTS
