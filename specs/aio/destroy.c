// SPDX-License-Identifier: GPL-2.0-or-later
// io_submit() against io_destroy().
// The submitter counts its request and then looks whether the context is dead; the
// destroyer says that it is dead and then waits for the count: one of them sees the other. Otherwise the context goes while
// its request is in flight: the kernel's own BUG_ON() says so, and without it the completion finds no ring;
// nor, if the device takes longer than io_destroy() and a grace period (SLOW_DEVICE), the context.
// @source fs/aio.c v3.6: io_submit_one(), kill_ctx(), io_destroy()
// @bug[AIO_05] AIO-05 (v2.6.38) aio: fix race between io_destroy() and io_submit()
// @seed fixed
// Evidence: the subject is certain, the commit's hash is not, so none is named.
// @expect all: safe
// @expect[AIO_05] all: violation (assertion)
// @expect[AIO_05, NO_BUG_ON] all: violation (out of bounds)
// @expect[AIO_05, NO_BUG_ON, SLOW_DEVICE] all: violation (use after free)
#ifdef SLOW_DEVICE
#define RCU_BARRIER
#endif
#include "driver.h"
#include "submit.h"
#include "scene.h"

#ifdef SLOW_DEVICE
static int destroyed;
#endif

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
#ifdef SLOW_DEVICE
	assume(smp_load_acquire(&destroyed));
	rcu_barrier();
#endif
	if (iocb)
		aio_complete(iocb, REQUEST_RESULT(0));
}

THREAD(destroyer)
{
	destroy_looked_up(ctx);
#ifdef SLOW_DEVICE
	smp_store_release(&destroyed, 1);
#endif
}

REQUESTS_INVARIANTS
