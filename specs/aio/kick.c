// SPDX-License-Identifier: GPL-2.0-or-later
// A request asks to be run again, and is kicked, perhaps while it still runs.
// It is run again once for the kick, by whoever finds it on the run list, and completes once.
// @source fs/aio.c v3.6: aio_run_iocb(), kick_iocb(), try_queue_kicked_iocb(), aio_kick_handler()
// @bug[AIO_10] AIO-10 (v2.6.15) aio: lock around kiocbTryKick()
// @seed fixed
// Evidence: the subject and the contents are certain, the commit's hash is not, so none is named.
// @expect all: safe
// @expect[AIO_10] all: violation (use after free)
#include "aio.h"

static int ready;
static struct kiocb *waiter; /* whom the device's wakeup kicks; whoever takes it answers for it */

static inline ssize_t aio_rw_retry(struct kiocb *iocb)
{
	(void)xchg(&waiter, iocb);
	if (!READ_ONCE(ready))
		return -EIOCBRETRY;
	return xchg(&waiter, NULL) == iocb ? REQUEST_RESULT(0) : -EIOCBRETRY;
}
#include "submit.h"
#include "scene.h"

static struct kiocb *req;

INIT
{
	struct kiocb_batch batch;

	kiocb_batch_init(&batch, 1);
	req = aio_get_req(ctx, &batch);
	req->ki_obj_user = &iocbs[0];
	req->ki_retry = aio_rw_retry;
	request_accepted(0);
	aio_put_req(req);
}

// The middle of io_submit_one().
THREAD(submitter)
{
	spin_lock_irq(&ctx->ctx_lock);
	aio_run_iocb(req);
	while (!list_empty(&ctx->run_list))
		__aio_run_iocbs(ctx);
	spin_unlock_irq(&ctx->ctx_lock);
}

IRQ(wakeup)
{
	struct kiocb *iocb;

	WRITE_ONCE(ready, 1);
	iocb = xchg(&waiter, NULL);
	if (iocb)
		kick_iocb(iocb);
}

FINALLY
{
	if (queued_work) /* the worker comes last */
		aio_kick_handler(queued_work);
}

REQUESTS_INVARIANTS
