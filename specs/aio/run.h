// SPDX-License-Identifier: GPL-2.0-or-later
// Running a request: once at submission, and again each time that its driver asks for it (-EIOCBRETRY) and kicks it. One
// retry at a time: while one runs, ki_run_list points nowhere, so that a kick leaves its mark and queues nothing.
// @source fs/aio.c v3.6: aio_run_iocb(), __aio_run_iocbs(), aio_kick_handler(), try_queue_kicked_iocb(), kick_iocb()
#pragma once
#include "destroy.h"

static inline void aio_queue_work(struct kioctx *ctx)
{
	queue_work(&ctx->wq); /* at once, or soon if nobody waits */
}

static inline int __queue_kicked_iocb(struct kiocb *iocb)
{
	struct kioctx *ctx = iocb->ki_ctx;

	assert_spin_locked(&ctx->ctx_lock);
	if (list_empty(&iocb->ki_run_list)) {
		list_add_tail(&iocb->ki_run_list, &ctx->run_list);
		return 1;
	}
	return 0;
}

// Called and left under ctx_lock, which is dropped on the way.
static inline ssize_t aio_run_iocb(struct kiocb *iocb)
{
	struct kioctx *ctx = iocb->ki_ctx;
	ssize_t (*retry)(struct kiocb *) = iocb->ki_retry;
	ssize_t ret;

	if (!retry)
		return 0;
	kiocbClearKicked(iocb);
	iocb->ki_run_list.next = NULL; /* neither empty nor queued */
	iocb->ki_run_list.prev = NULL;
	spin_unlock_irq(&ctx->ctx_lock);

	if (kiocbIsCancelled(iocb)) {
		ret = -EINTR;
		aio_complete(iocb, ret);
		goto out; /* not to be looked at any more */
	}
	ret = retry(iocb);
	if (ret != -EIOCBRETRY && ret != -EIOCBQUEUED)
		aio_complete(iocb, ret);
out:
	spin_lock_irq(&ctx->ctx_lock);
	if (ret == -EIOCBRETRY) {
		INIT_LIST_HEAD(&iocb->ki_run_list); /* from here on a kick queues it */
		if (kiocbIsKicked(iocb)) {
			__queue_kicked_iocb(iocb);
			aio_queue_work(ctx);
		}
	}
	return ret;
}

static inline int __aio_run_iocbs(struct kioctx *ctx)
{
	struct list_head run_list;

	assert_spin_locked(&ctx->ctx_lock);
	INIT_LIST_HEAD(&run_list);
	list_splice_init(&ctx->run_list, &run_list);
	while (!list_empty(&run_list)) {
		struct kiocb *iocb = list_entry(run_list.next, struct kiocb, ki_run_list);

		list_del(&iocb->ki_run_list);
		iocb->ki_users++; /* while it is retried */
		aio_run_iocb(iocb);
		__aio_put_req(ctx, iocb);
	}
	return !list_empty(&ctx->run_list);
}

static inline void aio_run_all_iocbs(struct kioctx *ctx)
{
	spin_lock_irq(&ctx->ctx_lock);
	while (__aio_run_iocbs(ctx))
		;
	spin_unlock_irq(&ctx->ctx_lock);
}

static inline void aio_kick_handler(struct work_struct *work)
{
	struct kioctx *ctx = container_of(work, struct kioctx, wq);
	int requeue;

	spin_lock_irq(&ctx->ctx_lock);
	requeue = __aio_run_iocbs(ctx);
	spin_unlock_irq(&ctx->ctx_lock);
	if (requeue)
		queue_work(&ctx->wq);
}

static inline void try_queue_kicked_iocb(struct kiocb *iocb)
{
	struct kioctx *ctx = iocb->ki_ctx;
	unsigned long flags;
	int run = 0;

#ifdef AIO_10
	if (kiocbTryKick(iocb))
		return;
	spin_lock_irqsave(&ctx->ctx_lock, flags);
	run = __queue_kicked_iocb(iocb);
	spin_unlock_irqrestore(&ctx->ctx_lock, flags);
#else
	spin_lock_irqsave(&ctx->ctx_lock, flags);
	if (!kiocbTryKick(iocb)) /* inside the lock, where aio_run_iocb() tests it */
		run = __queue_kicked_iocb(iocb);
	spin_unlock_irqrestore(&ctx->ctx_lock, flags);
#endif
	if (run)
		aio_queue_work(ctx);
}

static inline void kick_iocb(struct kiocb *iocb)
{
	try_queue_kicked_iocb(iocb);
}
