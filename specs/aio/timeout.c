// SPDX-License-Identifier: GPL-2.0-or-later
// io_getevents() with a time limit: the timer, the completion, or neither may come while it goes to sleep.
// Nothing wakes a task, or writes to its stack, after it is back.
// @source fs/aio.c v3.6: read_events(), set_timeout(), clear_timeout(), timeout_func()
// @expect all: safe
// @expect[NO_DEL_TIMER] all: violation
#define FIX_AIO_01
#include "events.h"
#include "scene.h"

static struct kiocb *req;
static int back;

INIT
{
	req = request_in_flight(0);
}

IRQ(timer) { run_timer(); }
IRQ(interrupt) { aio_complete(req, REQUEST_RESULT(0)); }

THREAD(reader)
{
	struct io_event event;

	read_events(ctx, 1, 1, &event, 1);
	WRITE_ONCE(back, 1);
}

FINALLY { assert(back && !pending_timer); }

REQUESTS_INVARIANTS
