// SPDX-License-Identifier: GPL-2.0-or-later
// io_submit() against io_destroy().
// The submitter counts its request and then looks whether the context is dead; the
// destroyer says that it is dead and then waits for the count: one of them sees the other. Otherwise the context goes while
// its request is in flight: the kernel's own BUG_ON() says so, and without it the completion finds no ring.
// @source fs/aio.c v3.6: io_submit_one(), kill_ctx(), io_destroy()
// @bug[AIO_05] AIO-05 (v2.6.38) aio: fix race between io_destroy() and io_submit()
// @seed fixed
// Evidence: the subject is certain, the commit's hash is not, so none is named.
// @expect all: safe
// @expect[AIO_05] all: violation (assertion)
// @expect[AIO_05, NO_BUG_ON] all: violation (out of bounds)
#include "driver.h"
#include "submit.h"
#include "scene.h"

INIT
{
	looked_up();
	looked_up();
}

// The request completes in an interrupt on the submitter's CPU, after the system call.
THREAD(submitter)
{
	struct kiocb *iocb;

	submit_all(ctx, 1);
	iocb = driver_next();
	if (iocb)
		aio_complete(iocb, REQUEST_RESULT(0));
}

THREAD(destroyer) { destroy_looked_up(ctx); }

REQUESTS_INVARIANTS
