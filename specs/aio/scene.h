// SPDX-License-Identifier: GPL-2.0-or-later
// What most scenarios begin with: a context that its user has set up, and requests that a driver has already got.
#pragma once
#include "run.h"

static struct kioctx *ctx;
static unsigned long ctx_id;

INIT
{
	sys_io_setup(MAX_REQUESTS, &ctx_id);
	ctx = hlist_entry(user_mm.ioctx_list.first, struct kioctx, list);
	INIT_WORK(&ctx->wq, aio_kick_handler);
}

// A request that io_submit() has handed to the driver and is done with: the I/O's reference is left.
static inline struct kiocb *request_in_flight(long id)
{
	struct kiocb_batch batch;
	struct kiocb *req;

	kiocb_batch_init(&batch, 1);
	req = aio_get_req(ctx, &batch);
	req->ki_obj_user = &iocbs[id];
	aio_put_req(req);
	request_accepted(id);
	return req;
}

// A scenario that is not about the lookup begins after it: its threads have their references already.
static inline struct kioctx *looked_up(void)
{
	try_get_ioctx(ctx);
	return ctx;
}
