// SPDX-License-Identifier: GPL-2.0-or-later
// The end of a context. It is dead before it is waited for; requests hold no reference: reqs_active, under ctx_lock, keeps
// io_destroy() and exit_aio() waiting in their stead.
// @source fs/aio.c v3.6: kill_ctx(), exit_aio(), io_destroy(), sys_io_destroy()
#pragma once
#include "context.h"

// Cancels what can be cancelled and waits for the rest.
static inline void kill_ctx(struct kioctx *ctx)
{
#ifndef AIO_14
	struct task_struct *tsk = current;
	DECLARE_WAITQUEUE(wait, tsk);
#endif
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
#ifndef AIO_14
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
#endif
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
