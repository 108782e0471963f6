// SPDX-License-Identifier: GPL-2.0-or-later
// io_destroy() looks at the count of requests without its lock, and leaves the last reference to the interrupt.
// The interrupt is still at work on the context when the count is zero; if the destroyer passes it there, the interrupt drops
// the last reference, and what follows sleeps.
// @source fs/aio.c v2.6.19: wait_for_all_aios(), aio_complete(), __put_ioctx()
// @bug AIO-09 (v2.6.20) aio: fix buggy put_ioctx call in aio_complete - v2
// @seed fixed: kill_ctx() looks and waits under ctx_lock, and requests hold no reference
// Evidence: the subject and the patch as it was posted are certain, the commit's hash is not, so none is named.
// @expect all: violation (sleep in atomic context)
// @expect[FIX_AIO_09] all: safe
#include <ringtail.h>

struct kioctx {
	atomic_t users;
	spinlock_t ctx_lock;
	int reqs_active;
	wait_queue_head_t wait;
};

static struct kioctx *ctx;

INIT
{
	ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);
	init_waitqueue_head(&ctx->wait);
	ctx->reqs_active = 1;
#ifdef FIX_AIO_09
	atomic_set(&ctx->users, 1); /* the destroyer's */
#else
	atomic_set(&ctx->users, 2); /* and the request's */
#endif
}

static void __put_ioctx(void)
{
	BUG_ON(ctx->reqs_active);
	might_sleep(); /* flush_workqueue() */
	kfree(ctx);
}

static void put_ioctx(void)
{
	BUG_ON(atomic_read(&ctx->users) <= 0);
	if (atomic_dec_and_test(&ctx->users))
		__put_ioctx();
}

IRQ(interrupt) /* aio_complete() */
{
	spin_lock(&ctx->ctx_lock);
	WRITE_ONCE(ctx->reqs_active, ctx->reqs_active - 1);
#ifdef FIX_AIO_09
	if (waitqueue_active(&ctx->wait)) /* before the lock is let go, and the destroyer with it */
		wake_up(&ctx->wait);
	spin_unlock(&ctx->ctx_lock);
#else
	spin_unlock(&ctx->ctx_lock);
	if (waitqueue_active(&ctx->wait))
		wake_up(&ctx->wait);
	put_ioctx();
#endif
}

static void wait_for_all_aios(void)
{
	DECLARE_WAITQUEUE(wait, current);

#ifdef FIX_AIO_09
	spin_lock_irq(&ctx->ctx_lock);
	if (!ctx->reqs_active)
		goto out;
	add_wait_queue(&ctx->wait, &wait);
	set_current_state(TASK_UNINTERRUPTIBLE);
	while (ctx->reqs_active) {
		spin_unlock_irq(&ctx->ctx_lock);
		schedule();
		set_current_state(TASK_UNINTERRUPTIBLE);
		spin_lock_irq(&ctx->ctx_lock);
	}
	__set_current_state(TASK_RUNNING);
	remove_wait_queue(&ctx->wait, &wait);
out:
	spin_unlock_irq(&ctx->ctx_lock);
#else
	if (!READ_ONCE(ctx->reqs_active))
		return;
	add_wait_queue(&ctx->wait, &wait);
	set_current_state(TASK_UNINTERRUPTIBLE);
	while (READ_ONCE(ctx->reqs_active)) {
		schedule();
		set_current_state(TASK_UNINTERRUPTIBLE);
	}
	__set_current_state(TASK_RUNNING);
	remove_wait_queue(&ctx->wait, &wait);
#endif
}

THREAD(destroyer) /* io_destroy() */
{
	wait_for_all_aios();
	put_ioctx();
}
