// SPDX-License-Identifier: GPL-2.0-or-later
// The page of the completion ring moves while an interrupt puts an event there: neither the event nor the tail is lost.
// @source fs/aio.c v3.15: aio_migratepage(), aio_complete()
// @expect all: safe
#include "ring_pages.h"

static struct kioctx *ctx;
static struct page *old, *new;

INIT
{
	ctx = aio_setup_ring();
	request_accepted(0);
	old = ctx->ring_pages[0];
	get_page(old); /* isolate_lru_page() */
	new = alloc_page(GFP_HIGHUSER);
}

IRQ(interrupt) { aio_complete(ctx, 0); }
THREAD(mover) { move_ring_page(new, old); }

FINALLY
{
	assert(aio_read_events_ring(ctx) == 1);
}

RING_INVARIANTS
