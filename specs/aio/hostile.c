// SPDX-License-Identifier: GPL-2.0-or-later
// The ring is mapped by its user, who writes to it what he likes while the kernel reads from it.
// An index that comes from there must be reduced before it is used.
// @source fs/aio.c v3.6: aio_read_evt(); v3.10 to v3.15 without it
// @bug[AIO_11] AIO-11 edfbbf388f293d70bf4b7c0bc38774d05e6f711a (v3.16) aio: fix kernel memory disclosure in io_getevents()
//   introduced in v3.10
// @seed fixed: head is reduced by the kernel's own nr
//
// Derived from the source, no bug that is known upstream: io_submit() reckons the room in the ring from the head that the
// user may write to, and takes it for impossible that there is less room than requests in flight (SUBMITS).
// @expect all: safe
// @expect[SUBMITS] all: violation (assertion)
// @expect[AIO_11] all: violation (out of bounds)
#define FIX_AIO_01 /* reap.c speaks of that one */
#ifdef SUBMITS
#include "driver.h"
#include "submit.h"
#endif
#include "events.h"
#include "scene.h"

static struct aio_ring *mapped;

INIT
{
#ifdef SUBMITS
	request_in_flight(0);
	looked_up();
#else
	aio_complete(request_in_flight(0), REQUEST_RESULT(0));
#endif
	mapped = ctx->ring_info.ring_pages[0];
}

THREAD(user) { WRITE_ONCE(mapped->head, NR_EVENTS + 1); }

#ifdef SUBMITS
THREAD(submitter) { submit_all(ctx, 1); } /* and nothing completes here */
#else
// What it finds there is the user's own affair, as long as it is in the ring.
THREAD(reader)
{
	struct io_event event;

	aio_read_evt(ctx, &event);
}

REQUESTS_INVARIANTS
#endif
