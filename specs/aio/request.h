// SPDX-License-Identifier: GPL-2.0-or-later
// Requests. They are allocated in batches, and counted in reqs_active as soon as they are allocated: a batch takes its room
// in the ring in advance, and what of it is not used goes back in kiocb_batch_free(). A request starts with two references,
// the submitter's and the I/O's; both go under ctx_lock.
// @source fs/aio.c v3.6: kiocb_batch_refill(), kiocb_batch_free(), aio_get_req(), __aio_put_req(), really_put_req()
#pragma once
#include "aio.h"

#define KIOCB_BATCH_SIZE 32L

struct kiocb_batch {
	struct list_head head;
	long count; /* requests left to allocate */
};

static inline unsigned int ring_room(struct kioctx *ctx);

static inline struct kiocb *__aio_get_req(struct kioctx *ctx)
{
	struct kiocb *req = kmem_cache_alloc(kiocb_cachep, GFP_KERNEL);

	if (!req)
		return NULL;
	req->ki_flags = 0;
	req->ki_users = 2;
	req->ki_ctx = ctx;
	req->ki_cancel = NULL;
	req->ki_retry = NULL;
	req->ki_abandoned = 0;
	INIT_LIST_HEAD(&req->ki_run_list);
	return req;
}

static inline void kiocb_batch_init(struct kiocb_batch *batch, long total)
{
	INIT_LIST_HEAD(&batch->head);
	batch->count = total;
}

static inline void kiocb_batch_free(struct kioctx *ctx, struct kiocb_batch *batch)
{
	struct kiocb *req, *n;

	if (list_empty(&batch->head))
		return;

	spin_lock_irq(&ctx->ctx_lock);
	list_for_each_entry_safe(req, n, &batch->head, ki_batch) {
		list_del(&req->ki_batch);
		list_del(&req->ki_list);
		kmem_cache_free(kiocb_cachep, req);
		ctx->reqs_active--;
	}
#ifndef AIO_04
	if (unlikely(!ctx->reqs_active && READ_ONCE(ctx->dead)))
		wake_up_all(&ctx->wait);
#endif
	spin_unlock_irq(&ctx->ctx_lock);
}

static inline int kiocb_batch_refill(struct kioctx *ctx, struct kiocb_batch *batch)
{
	int allocated, to_alloc = (int)min(batch->count, KIOCB_BATCH_SIZE), avail;
	struct kiocb *req, *n;

	for (allocated = 0; allocated < to_alloc; allocated++) {
		req = __aio_get_req(ctx);
		if (!req)
			break;
		list_add(&req->ki_batch, &batch->head);
	}
	if (allocated == 0)
		return 0;

	spin_lock_irq(&ctx->ctx_lock);
	avail = (int)ring_room(ctx) - ctx->reqs_active;
	BUG_ON(avail < 0);
#ifdef NO_ROOM_CHECK
	avail = allocated;
#endif
	if (avail < allocated) {
		list_for_each_entry_safe(req, n, &batch->head, ki_batch) {
			list_del(&req->ki_batch);
			kmem_cache_free(kiocb_cachep, req);
			if (--allocated <= avail)
				break;
		}
	}
	batch->count -= allocated;
	list_for_each_entry(req, &batch->head, ki_batch) {
		list_add(&req->ki_list, &ctx->active_reqs);
		ctx->reqs_active++;
	}
	spin_unlock_irq(&ctx->ctx_lock);
	return allocated;
}

static inline struct kiocb *aio_get_req(struct kioctx *ctx, struct kiocb_batch *batch)
{
	struct kiocb *req;

	if (list_empty(&batch->head))
		if (kiocb_batch_refill(ctx, batch) == 0)
			return NULL;
	req = list_first_entry(&batch->head, struct kiocb, ki_batch);
	list_del(&req->ki_batch);
	return req;
}

static inline void really_put_req(struct kioctx *ctx, struct kiocb *req)
{
	assert_spin_locked(&ctx->ctx_lock);
	kmem_cache_free(kiocb_cachep, req);
	ctx->reqs_active--;
	if (unlikely(!ctx->reqs_active && READ_ONCE(ctx->dead)))
		wake_up_all(&ctx->wait);
}

// True if this was the last user of the request.
static inline int __aio_put_req(struct kioctx *ctx, struct kiocb *req)
{
	assert_spin_locked(&ctx->ctx_lock);
	req->ki_users--;
	BUG_ON(req->ki_users < 0);
	if (likely(req->ki_users))
		return 0;
	list_del(&req->ki_list);
	req->ki_cancel = NULL;
	req->ki_retry = NULL;
	really_put_req(ctx, req);
	return 1;
}

static inline int aio_put_req(struct kiocb *req)
{
	struct kioctx *ctx = req->ki_ctx;
	int ret;

	spin_lock_irq(&ctx->ctx_lock);
	ret = __aio_put_req(ctx, req);
	spin_unlock_irq(&ctx->ctx_lock);
	return ret;
}
