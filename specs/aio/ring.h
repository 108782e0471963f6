// SPDX-License-Identifier: GPL-2.0-or-later
// The completion ring. Its tail moves under ctx_lock, in aio_complete(), which may run in interrupt context; its head under
// ring_lock, in aio_read_evt(). Neither side takes the other's lock: the tail publishes the event (smp_wmb() there), and
// what makes the reader look at the event after the tail is AIO-01.
// @source fs/aio.c v3.6: aio_setup_ring(), aio_free_ring(), aio_complete(), aio_read_evt()
#pragma once
#include "aio.h"
#include "request.h"

#define aio_ring_event(info, nr) (&(info)->ring_pages[0]->io_events[nr])
#define aio_ring_avail(info, ring) \
	((READ_ONCE((ring)->head) + (info)->nr - 1 - READ_ONCE((ring)->tail)) % (info)->nr)

static inline int aio_setup_ring(struct kioctx *ctx)
{
	struct aio_ring_info *info = &ctx->ring_info;
	struct aio_ring *ring = kzalloc(sizeof(*ring), GFP_KERNEL);

	info->ring_pages[0] = ring;
	info->nr = NR_EVENTS;
	ctx->user_id = (unsigned long)ring; /* where the user maps it */
	ring->nr = info->nr;
	ring->id = 1;
	ring->head = 0;
	ring->tail = 0;
	return 0;
}

static inline void aio_free_ring(struct kioctx *ctx)
{
	kfree(ctx->ring_info.ring_pages[0]);
	ctx->ring_info.ring_pages[0] = NULL;
}

// The request is done. From interrupt context, too; true if nobody else uses the request any more.
static inline int aio_complete(struct kiocb *iocb, long res)
{
	struct kioctx *ctx = iocb->ki_ctx;
	struct aio_ring_info *info = &ctx->ring_info;
	struct aio_ring *ring;
	struct io_event *event;
	unsigned long flags;
	unsigned int tail;
	int ret;

	spin_lock_irqsave(&ctx->ctx_lock, flags);
	if (iocb->ki_run_list.prev && !list_empty(&iocb->ki_run_list))
		list_del_init(&iocb->ki_run_list);

	if (kiocbIsCancelled(iocb)) { /* the user got the event when it was cancelled */
		if (iocb->ki_abandoned)
			request_cancelled(iocb_id(iocb->ki_obj_user));
		goto put_rq;
	}

	ring = info->ring_pages[0];
	tail = info->tail;
	requests_fit(ctx->reqs_active, info->nr - 1 - aio_ring_avail(info, ring), info->nr - 1);
	event = aio_ring_event(info, tail);
	if (++tail >= info->nr)
		tail = 0;
	WRITE_ONCE(event->obj, iocb->ki_obj_user);
	WRITE_ONCE(event->res, res);
	request_completed(iocb_id(iocb->ki_obj_user));
#ifndef AIO_02
	smp_wmb(); /* the event before the tail */
#endif
	info->tail = tail;
	WRITE_ONCE(ring->tail, tail);
put_rq:
	ret = __aio_put_req(ctx, iocb);
#ifndef AIO_03
	smp_mb(); /* the tail before the look at the queue, which is outside the queue's lock */
#endif
	if (waitqueue_active(&ctx->wait))
		wake_up(&ctx->wait);
	spin_unlock_irqrestore(&ctx->ctx_lock, flags);
	return ret;
}

// Takes an event off the ring: 1, or 0 if there is none.
static inline int aio_read_evt(struct kioctx *ioctx, struct io_event *ent)
{
	struct aio_ring_info *info = &ioctx->ring_info;
	struct aio_ring *ring = info->ring_pages[0];
	unsigned int head;
	int ret = 0;

	if (READ_ONCE(ring->head) == READ_ONCE(ring->tail))
		return 0;

	spin_lock(&info->ring_lock);
	head = READ_ONCE(ring->head); /* the user may have written anything there */
#ifndef AIO_11
	head %= info->nr;
#endif
	if (head != READ_ONCE(ring->tail)) {
		struct io_event *evp = aio_ring_event(info, head);

#ifdef FIX_AIO_01
		smp_rmb(); /* the tail before the event */
#endif
		ent->obj = READ_ONCE(evp->obj);
		ent->res = READ_ONCE(evp->res);
		head = (head + 1) % info->nr;
		smp_mb(); /* the event is read before its place is given back */
		WRITE_ONCE(ring->head, head);
		ret = 1;
	}
	spin_unlock(&info->ring_lock);
	return ret;
}
