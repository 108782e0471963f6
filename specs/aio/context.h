// SPDX-License-Identifier: GPL-2.0-or-later
// Contexts: found under RCU, counted by `users`, dead before they are waited for. A system call holds a reference while it
// works on a context; the list holds one; whoever creates one holds his own until he has told the user its name. Requests
// hold none: reqs_active, under ctx_lock, keeps io_destroy() and exit_aio() waiting in their stead.
#pragma once
#include "ring.h"

static inline unsigned int ring_room(struct kioctx *ctx)
{
	struct aio_ring *ring = ctx->ring_info.ring_pages[0];

	return aio_ring_avail(&ctx->ring_info, ring);
}

static inline void ctx_rcu_free(struct rcu_head *head)
{
	struct kioctx *ctx = container_of(head, struct kioctx, rcu_head);

	kmem_cache_free(kioctx_cachep, ctx);
}

static inline void __put_ioctx(struct kioctx *ctx)
{
	unsigned int nr_events = ctx->max_reqs;

	BUG_ON(ctx->reqs_active); /* the context outlives its requests */
	aio_free_ring(ctx);
	ctx->mm = NULL;
	spin_lock(&aio_nr_lock);
	BUG_ON(aio_nr - nr_events > aio_nr);
	aio_nr -= nr_events;
	spin_unlock(&aio_nr_lock);
	call_rcu(&ctx->rcu_head, ctx_rcu_free);
}

static inline int try_get_ioctx(struct kioctx *kioctx)
{
#ifdef AIO_06
	atomic_inc(&kioctx->users);
	return 1;
#else
	return atomic_inc_not_zero(&kioctx->users);
#endif
}

static inline void put_ioctx(struct kioctx *kioctx)
{
	BUG_ON(atomic_read(&kioctx->users) <= 0);
	if (unlikely(atomic_dec_and_test(&kioctx->users)))
		__put_ioctx(kioctx);
}

static inline struct kioctx *ioctx_alloc(unsigned int nr_events)
{
	struct mm_struct *mm = current_mm;
	struct kioctx *ctx;

	if (!nr_events || (unsigned long)nr_events > aio_max_nr)
		return ERR_PTR(-EAGAIN);
	ctx = kmem_cache_zalloc(kioctx_cachep, GFP_KERNEL);
	if (!ctx)
		return ERR_PTR(-ENOMEM);
	ctx->max_reqs = nr_events;
	ctx->mm = mm;
#ifdef AIO_07
	atomic_set(&ctx->users, 1);
#else
	atomic_set(&ctx->users, 2); /* the list's and the creator's */
#endif
	spin_lock_init(&ctx->ctx_lock);
	spin_lock_init(&ctx->ring_info.ring_lock);
	init_waitqueue_head(&ctx->wait);
	INIT_LIST_HEAD(&ctx->active_reqs);
	INIT_LIST_HEAD(&ctx->run_list);
	if (aio_setup_ring(ctx) < 0)
		goto out_freectx;

	spin_lock(&aio_nr_lock);
	if (aio_nr + nr_events > aio_max_nr || aio_nr + nr_events < aio_nr) {
		spin_unlock(&aio_nr_lock);
		goto out_cleanup;
	}
	aio_nr += ctx->max_reqs;
	spin_unlock(&aio_nr_lock);

	spin_lock(&mm->ioctx_lock);
	hlist_add_head_rcu(&ctx->list, &mm->ioctx_list);
	spin_unlock(&mm->ioctx_lock);
	return ctx;

out_cleanup:
	aio_free_ring(ctx);
out_freectx:
	kmem_cache_free(kioctx_cachep, ctx);
	return ERR_PTR(-EAGAIN);
}

static inline struct kioctx *lookup_ioctx(unsigned long ctx_id)
{
	struct mm_struct *mm = current_mm;
	struct kioctx *ctx, *ret = NULL;

	rcu_read_lock();
	hlist_for_each_entry_rcu(ctx, &mm->ioctx_list, list) {
		/* RCU keeps the memory, not the context: the look at ->dead may come too early */
		if (ctx->user_id == ctx_id && !READ_ONCE(ctx->dead) && try_get_ioctx(ctx)) {
			ret = ctx;
			break;
		}
	}
	rcu_read_unlock();
	return ret;
}

// Cancels what can be cancelled and waits for the rest.
static inline void kill_ctx(struct kioctx *ctx)
{
	struct task_struct *tsk = current;
	DECLARE_WAITQUEUE(wait, tsk);
	struct io_event res;

	spin_lock_irq(&ctx->ctx_lock);
	WRITE_ONCE(ctx->dead, 1);
	while (!list_empty(&ctx->active_reqs)) {
		struct kiocb *iocb = list_first_entry(&ctx->active_reqs, struct kiocb, ki_list);
		int (*cancel)(struct kiocb *, struct io_event *) = iocb->ki_cancel;

		list_del_init(&iocb->ki_list);
		kiocbSetCancelled(iocb);
		iocb->ki_abandoned = 1;
		if (cancel) {
			iocb->ki_users++;
			spin_unlock_irq(&ctx->ctx_lock);
			if (cancel(iocb, &res) == 0)
				request_cancelled(iocb_id(iocb->ki_obj_user));
			spin_lock_irq(&ctx->ctx_lock);
		}
	}
	if (ctx->reqs_active) {
		add_wait_queue(&ctx->wait, &wait);
		set_task_state(tsk, TASK_UNINTERRUPTIBLE);
		while (ctx->reqs_active) {
			spin_unlock_irq(&ctx->ctx_lock);
			io_schedule();
			set_task_state(tsk, TASK_UNINTERRUPTIBLE);
			spin_lock_irq(&ctx->ctx_lock);
		}
		__set_current_state(TASK_RUNNING);
		remove_wait_queue(&ctx->wait, &wait);
	}
	spin_unlock_irq(&ctx->ctx_lock);
}

// The last user of the address space is gone: no system call is left, requests may be.
static inline void exit_aio(struct mm_struct *mm)
{
	while (!hlist_empty(&mm->ioctx_list)) {
		struct kioctx *ctx = hlist_entry(mm->ioctx_list.first, struct kioctx, list);

		hlist_del_rcu(&ctx->list);
		kill_ctx(ctx);
		WARN_ON(atomic_read(&ctx->users) != 1); /* "ioctx still alive" */
		put_ioctx(ctx);
	}
}

static inline void io_destroy(struct kioctx *ioctx)
{
	struct mm_struct *mm = current_mm;
	int was_dead;

	spin_lock(&mm->ioctx_lock);
	was_dead = READ_ONCE(ioctx->dead);
	WRITE_ONCE(ioctx->dead, 1);
	if (!was_dead)
		hlist_del_rcu(&ioctx->list);
	spin_unlock(&mm->ioctx_lock);
	if (likely(!was_dead))
		put_ioctx(ioctx); /* the list's */
	kill_ctx(ioctx);
	wake_up_all(&ioctx->wait); /* whoever reads events sees ->dead */
}

static inline long sys_io_setup(unsigned int nr_events, unsigned long *ctxp)
{
	struct kioctx *ioctx = ioctx_alloc(nr_events);

	if (IS_ERR(ioctx))
		return PTR_ERR(ioctx);
	*ctxp = ioctx->user_id; /* put_user() */
#ifndef AIO_07
	put_ioctx(ioctx); /* the creator's */
#endif
	return 0;
}

// What io_destroy(2) does once it has looked the context up.
static inline void destroy_looked_up(struct kioctx *ioctx)
{
	io_destroy(ioctx);
	put_ioctx(ioctx);
}

static inline long sys_io_destroy(unsigned long ctx)
{
	struct kioctx *ioctx = lookup_ioctx(ctx);

	if (!ioctx)
		return -EINVAL;
	destroy_looked_up(ioctx);
	return 0;
}
