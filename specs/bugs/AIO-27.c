// SPDX-License-Identifier: GPL-2.0-or-later
// The order of a context's end. As it was: say that it is dead, wait for its requests, drop the reference; a system call that
// has found the context before may still submit one after the wait. As it became: the last reference is dropped first, by
// whoever has it, and he waits.
// @source fs/aio.c v3.9, v3.10: io_destroy(), kill_ioctx(), free_ioctx(), lookup_ioctx(), io_submit_one()
// @bug AIO-27 36f5588905c10a8c4568a210d601fe8c3c27e0f0 (v3.10) aio: refcounting cleanup
// @seed present, and made harmless: io_submit_one() asks again whether the context is dead (AIO-05, here LOOKS_AGAIN)
// @expect all: violation (use after free)
// @expect[LOOKS_AGAIN] all: safe
// @expect[FIX_AIO_27] all: safe
// @expect[FIX_AIO_27, NO_GRACE_PERIOD] all: violation (use after free)
#include <ringtail.h>

struct kioctx {
	atomic_t users;
	spinlock_t ctx_lock;
	int dead, reqs_active;
	wait_queue_head_t wait;
	struct rcu_head rcu;
};

static struct kioctx *table; /* what lookup_ioctx() finds */
static struct kioctx *driver_queue; /* or NOTHING_COMES */
#define NOTHING_COMES ((struct kioctx *)1)

INIT
{
	table = kzalloc(sizeof(*table), GFP_KERNEL);
	atomic_set(&table->users, 1);
	init_waitqueue_head(&table->wait);
}

// kill_ctx(), or the first half of free_ioctx().
static void wait_for_requests(struct kioctx *ctx)
{
	wait_event_lock_irq(ctx->wait, !ctx->reqs_active, ctx->ctx_lock);
}

static void ctx_rcu_free(struct rcu_head *head)
{
	kfree(container_of(head, struct kioctx, rcu));
}

static void put_ioctx(struct kioctx *ctx)
{
	if (!atomic_dec_and_test(&ctx->users))
		return;
#ifdef FIX_AIO_27
	spin_lock_irq(&ctx->ctx_lock);
	wait_for_requests(ctx);
	spin_unlock_irq(&ctx->ctx_lock);
#endif
	BUG_ON(ctx->reqs_active); /* the context outlives its requests */
#ifdef NO_GRACE_PERIOD
	ctx_rcu_free(&ctx->rcu);
#else
	call_rcu(&ctx->rcu, ctx_rcu_free);
#endif
}

static struct kioctx *lookup_ioctx(void)
{
	struct kioctx *ctx;

	rcu_read_lock();
	ctx = rcu_dereference(table);
	if (ctx && !atomic_inc_not_zero(&ctx->users))
		ctx = NULL;
	rcu_read_unlock();
	return ctx;
}

static bool io_submit_one(struct kioctx *ctx)
{
	bool dead = false;

	spin_lock_irq(&ctx->ctx_lock);
#ifdef LOOKS_AGAIN
	dead = ctx->dead;
#endif
	if (!dead)
		ctx->reqs_active++;
	spin_unlock_irq(&ctx->ctx_lock);
	return !dead;
}

THREAD(submitter)
{
	struct kioctx *ctx = lookup_ioctx();

	smp_store_release(&driver_queue, ctx && io_submit_one(ctx) ? ctx : NOTHING_COMES);
	if (ctx)
		put_ioctx(ctx);
}

THREAD(device)
{
	struct kioctx *ctx = smp_cond_load_acquire(&driver_queue, VAL != NULL);

	if (ctx == NOTHING_COMES)
		return;
	spin_lock_irq(&ctx->ctx_lock); /* aio_complete() */
	ctx->reqs_active--;
	wake_up_all(&ctx->wait);
	spin_unlock_irq(&ctx->ctx_lock);
}

THREAD(destroyer)
{
	struct kioctx *ctx = table;

	rcu_assign_pointer(table, NULL);
	spin_lock_irq(&ctx->ctx_lock);
	ctx->dead = 1;
#ifndef FIX_AIO_27
	wait_for_requests(ctx);
#endif
	spin_unlock_irq(&ctx->ctx_lock);
	put_ioctx(ctx);
}
