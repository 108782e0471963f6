// SPDX-License-Identifier: GPL-2.0-or-later
// io_submit() and io_cancel(). A scenario says what its driver does: it defines aio_rw_retry(), which starts a request (and
// may set ki_cancel), before it includes this file.
// @source fs/aio.c v3.6: io_submit_one(), do_io_submit(), lookup_kiocb(), sys_io_cancel()
#pragma once
#include "run.h"

#define IOCB_CMD_PREAD 0
#define IOCB_CMD_FAULT 1 /* its aio_key cannot be written */

static inline int io_submit_one(struct kioctx *ctx, struct iocb *user_iocb, struct kiocb_batch *batch)
{
	struct kiocb *req;
	int ret;

	req = aio_get_req(ctx, batch); /* with two references */
	if (!req)
		return -EAGAIN;
	WRITE_ONCE(req->ki_obj_user, user_iocb); /* it is on active_reqs already, and io_cancel() looks */
	if (user_iocb->aio_lio_opcode == IOCB_CMD_FAULT) { /* put_user() */
		ret = -EFAULT;
		goto out_put_req;
	}
	req->ki_retry = aio_rw_retry; /* aio_setup_iocb() */

	spin_lock_irq(&ctx->ctx_lock);
#ifndef AIO_05
	/* reqs_active is up, then the look at ->dead; io_destroy() sets ->dead, then looks at reqs_active */
	if (READ_ONCE(ctx->dead)) {
		spin_unlock_irq(&ctx->ctx_lock);
		ret = -EINVAL;
		goto out_put_req;
	}
#endif
	aio_run_iocb(req);
	if (!list_empty(&ctx->run_list)) {
		while (__aio_run_iocbs(ctx))
			;
	}
	spin_unlock_irq(&ctx->ctx_lock);
	request_accepted(iocb_id(user_iocb));
	aio_put_req(req); /* the submitter's */
	return 0;

out_put_req:
	aio_put_req(req);
	aio_put_req(req);
	return ret;
}

// What do_io_submit() does once it has looked the context up.
static inline long submit_all(struct kioctx *ctx, long nr)
{
	struct kiocb_batch batch;
	long ret = 0, i;

	kiocb_batch_init(&batch, nr);
	for (i = 0; i < nr; i++) {
		ret = io_submit_one(ctx, &iocbs[i], &batch);
		if (ret)
			break;
	}
	kiocb_batch_free(ctx, &batch);
	put_ioctx(ctx);
	return i ? i : ret;
}

static inline long sys_io_submit(unsigned long ctx_id, long nr)
{
	struct kioctx *ctx = lookup_ioctx(ctx_id);

	return ctx ? submit_all(ctx, nr) : -EINVAL;
}

static inline struct kiocb *lookup_kiocb(struct kioctx *ctx, struct iocb *iocb)
{
	struct kiocb *kiocb;

	assert_spin_locked(&ctx->ctx_lock);
	list_for_each_entry(kiocb, &ctx->active_reqs, ki_list)
		if (READ_ONCE(kiocb->ki_obj_user) == iocb)
			return kiocb;
	return NULL;
}

// What io_cancel() does once it has looked the context up.
static inline long cancel_looked_up(struct kioctx *ctx, struct iocb *iocb, struct io_event *result)
{
	int (*cancel)(struct kiocb *iocb, struct io_event *res) = NULL;
	struct kiocb *kiocb;
	int ret = -EAGAIN;

	spin_lock_irq(&ctx->ctx_lock);
	kiocb = lookup_kiocb(ctx, iocb);
	if (kiocb && kiocb->ki_cancel) {
		cancel = kiocb->ki_cancel;
		kiocb->ki_users++;
		kiocbSetCancelled(kiocb);
	}
	spin_unlock_irq(&ctx->ctx_lock);

	if (cancel) {
		result->obj = kiocb->ki_obj_user;
		ret = cancel(kiocb, result);
		if (!ret)
			request_cancelled(iocb_id(result->obj));
	}
	put_ioctx(ctx);
	return ret;
}

static inline long sys_io_cancel(unsigned long ctx_id, struct iocb *iocb, struct io_event *result)
{
	struct kioctx *ctx = lookup_ioctx(ctx_id);

	return ctx ? cancel_looked_up(ctx, iocb, result) : -EINVAL;
}
