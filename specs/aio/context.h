// SPDX-License-Identifier: GPL-2.0-or-later
// Contexts: found under RCU, counted by `users`. A system call holds a reference while it works on a context; the list
// holds one; whoever creates one holds his own until he has told the user its name.
// @source fs/aio.c v3.6: ioctx_alloc(), __put_ioctx(), try_get_ioctx(), put_ioctx(), lookup_ioctx(), sys_io_setup()
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

#ifndef NO_BUG_ON /* CONFIG_BUG=n */
	BUG_ON(ctx->reqs_active); /* the context outlives its requests */
#endif
	aio_free_ring(ctx);
	ctx->mm = NULL;
	spin_lock(&aio_nr_lock);
	BUG_ON(aio_nr - nr_events > aio_nr);
	aio_nr -= nr_events;
	spin_unlock(&aio_nr_lock);
#ifdef AIO_15
	ctx_rcu_free(&ctx->rcu_head);
#else
	call_rcu(&ctx->rcu_head, ctx_rcu_free);
#endif
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
