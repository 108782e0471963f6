// SPDX-License-Identifier: GPL-2.0-or-later
// The ring is mapped by its user, who writes to it what he likes while the kernel reads from it.
// An index that comes from there must be reduced before it is used.
// @source fs/aio.c v3.6: aio_read_evt(); v3.10 to v3.15 without it
// @bug[AIO_11] AIO-11 edfbbf388f293d70bf4b7c0bc38774d05e6f711a (v3.16) aio: fix kernel memory disclosure in io_getevents()
//   introduced in v3.10
// @seed fixed: head is reduced by the kernel's own nr
// @expect all: safe
// @expect[AIO_11] all: violation (out of bounds)
#define FIX_AIO_01 /* reap.c speaks of that one */
#include "events.h"
#include "scene.h"

static struct aio_ring *mapped;

INIT
{
	aio_complete(request_in_flight(0), REQUEST_RESULT(0));
	mapped = ctx->ring_info.ring_pages[0];
}

THREAD(user) { WRITE_ONCE(mapped->head, NR_EVENTS + 1); }

// What it finds there is the user's own affair, as long as it is in the ring.
THREAD(reader)
{
	struct io_event event;

	aio_read_evt(ctx, &event);
}

REQUESTS_INVARIANTS
