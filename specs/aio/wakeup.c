// SPDX-License-Identifier: GPL-2.0-or-later
// io_getevents() goes to sleep while the interrupt completes the request that it waits for.
// The completer looks for sleepers outside the queue's lock: if that look may overtake the store of the tail, nobody wakes
// the reader.
// @source fs/aio.c v3.6: aio_complete(), read_events(); v2.6.24 without the barrier
// @bug[AIO_03] AIO-03 6cb2a21049b8990df4576c5fce4d48d0206c22d5 (v2.6.25) aio: bad AIO race in aio_complete() leads to
//   process hang
// @seed fixed: the comment before the barrier is there, the line smp_mb(); is one of those the text has lost
// @expect all: safe
// @expect[AIO_03] sc: safe   tso, lkmm: violation (lost wakeup)
#define FIX_AIO_01 /* reap.c speaks of that one */
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

	sys_io_getevents(ctx_id, 1, 1, &event, NO_TIMEOUT);
}

REQUESTS_INVARIANTS
