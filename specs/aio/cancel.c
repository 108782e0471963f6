// SPDX-License-Identifier: GPL-2.0-or-later
// io_cancel() of a request that the driver is about to complete.
// The driver takes the request off its list under its lock: whoever does that, the interrupt or the cancel method, answers
// for it.
// @source fs/aio.c v3.6: io_cancel(), aio_complete(), lookup_kiocb()
// @seed present: see below
//
// Derived from the source, no bug that is known upstream: io_cancel() marks the request as cancelled before it asks the
// driver, and aio_complete() gives a marked request no event. If the driver says that it is too late (-EAGAIN), the
// user is told that the request was not cancelled, and never hears of it again. DRIVER_REFUSES shows it; the plain spec
// has a driver for which it is never too late.
// @expect all: safe
// @expect[DRIVER_REFUSES] all: violation (assertion)
#include "aio.h"

static struct kiocb *driver_list;
static DEFINE_SPINLOCK(driver_lock);

static struct kiocb *driver_take(void)
{
	struct kiocb *iocb;

	spin_lock(&driver_lock);
	iocb = driver_list;
	driver_list = NULL;
	spin_unlock(&driver_lock);
	return iocb;
}

static inline ssize_t aio_rw_retry(struct kiocb *iocb)
{
	(void)iocb;
	return -EIOCBQUEUED;
}
#include "submit.h"
#include "scene.h"

// With the reference that io_cancel() took, and the I/O's.
static int driver_cancel(struct kiocb *iocb, struct io_event *res)
{
	int ret = -EAGAIN;

	(void)res;
	if (driver_take()) {
		ret = 0;
		aio_put_req(iocb);
	}
	aio_put_req(iocb);
	return ret;
}

INIT
{
	driver_list = request_in_flight(0);
	driver_list->ki_cancel = driver_cancel;
	looked_up();
}

THREAD(canceller)
{
	struct io_event event;

	cancel_looked_up(ctx, &iocbs[0], &event);
}

#ifdef DRIVER_REFUSES
IRQ(interrupt)
{
	struct kiocb *iocb = driver_take();

	if (iocb)
		aio_complete(iocb, REQUEST_RESULT(0));
}
#else
THREAD(reader) { aio_run_all_iocbs(ctx); }
#endif

REQUESTS_INVARIANTS
