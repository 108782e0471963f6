// SPDX-License-Identifier: GPL-2.0-or-later
// io_getevents() takes an event off the ring while the interrupt puts it there, and sees the new tail and the old event.
// @source fs/aio.c v3.6: aio_complete(), aio_read_evt(), read_events()
// @bug AIO-01 2ff396be602f10b5eab8e73b24f20348fa2de159 (v3.17) aio: add missing smp_rmb() in read_events_ring
// @seed present: nothing orders the look at the tail before the copy of the event, both under ring_lock
// @bug[FIX_AIO_01, AIO_02] AIO-02 679c40a86efa423cafa636365556347c2f4b1f5c (2.5, 2003) [PATCH] Fix race condition between
//   aio_complete and aio_read_evt
// @seed fixed: smp_wmb() is there
// @expect sc, tso: safe   lkmm: violation (assertion)
// @expect[FIX_AIO_01] all: safe
// @expect[FIX_AIO_01, AIO_02] sc, tso: safe   lkmm: violation (assertion)
#include "events.h"
#include "scene.h"

static struct kiocb *req;

INIT
{
	req = request_in_flight(0);
}

IRQ(interrupt) { aio_complete(req, REQUEST_RESULT(0)); }

THREAD(reader)
{
	struct io_event event;

	read_events(ctx, 1, 1, &event, NO_TIMEOUT);
}

REQUESTS_INVARIANTS
