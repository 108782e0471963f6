// SPDX-License-Identifier: GPL-2.0-or-later
// Calls on one AIO context, ctx_id, which exists when the program begins (but see op_io_setup()). Requests have the numbers
// 0 and 1. They are in flight from the beginning, request_in_flight(), or submitted; request_completes() is the interrupt that
// completes one. No request can be cancelled, as no driver of a disk offers that: see aio/cancel.c for those that can.
//
// The paths are those of v3.6, aio/; what later kernels lost and gained again is there under the names of the bugs.
//
// @source fs/aio.c v3.6: io_setup(), io_submit(), io_getevents(), io_cancel(), io_destroy(), exit_aio()
#pragma once
#include "../aio/aio.h"

static struct kiocb *device[MAX_REQUESTS]; /* what it is working on */
static DEFINE_SPINLOCK(device_lock);

static inline struct kiocb *device_take(long id)
{
	struct kiocb *iocb;

	spin_lock_irq(&device_lock);
	iocb = device[id];
	device[id] = NULL;
	spin_unlock_irq(&device_lock);
	return iocb;
}

static inline void device_give(long id, struct kiocb *iocb)
{
	spin_lock_irq(&device_lock);
	device[id] = iocb;
	spin_unlock_irq(&device_lock);
}

static inline ssize_t aio_rw_retry(struct kiocb *iocb)
{
	device_give(iocb_id(iocb->ki_obj_user), iocb);
	return -EIOCBQUEUED;
}

#include "../aio/submit.h"
#include "../aio/events.h"

static struct kioctx *ctx;
static unsigned long ctx_id;
#ifndef MAX_OPS /* threads with an operation each */
#define MAX_OPS 2
#endif
static long result[MAX_OPS];
#include "atomic.h"

static inline void scene_context(void)
{
	sys_io_setup(MAX_REQUESTS, &ctx_id);
	ctx = hlist_entry(user_mm.ioctx_list.first, struct kioctx, list);
	INIT_WORK(&ctx->wq, aio_kick_handler);
}

static inline void request_in_flight(long id)
{
	struct kiocb_batch batch;
	struct kiocb *req;

	kiocb_batch_init(&batch, 1);
	req = aio_get_req(ctx, &batch);
	req->ki_obj_user = &iocbs[id];
	aio_put_req(req);
	request_accepted(id);
	device[id] = req;
}

static inline void request_completes(long id)
{
	struct kiocb *iocb = device_take(id);

	if (iocb)
		aio_complete(iocb, REQUEST_RESULT(id));
}

// io_submit() of one request; when it is completed is the program's to say.
static inline long op_io_submit(long id)
{
	struct kioctx *found = lookup_ioctx(ctx_id);
	struct kiocb_batch batch;
	long ret = -EINVAL;

	if (found) {
		kiocb_batch_init(&batch, 1);
		ret = io_submit_one(found, &iocbs[id], &batch);
		kiocb_batch_free(found, &batch);
		put_ioctx(found);
	}
	return ret ? ret : 1;
}

// What is there, at least min_nr events: sleeps until then.
static inline long op_io_getevents(long min_nr)
{
	struct io_event event;

	return sys_io_getevents(ctx_id, min_nr, 1, &event, NO_TIMEOUT);
}

static inline long op_io_cancel(long id)
{
	struct io_event event;

	return sys_io_cancel(ctx_id, &iocbs[id], &event);
}

static inline long op_io_destroy(void)
{
	struct kioctx *found = lookup_ioctx(ctx_id);

	if (!found)
		return -EINVAL;
#ifdef NOT_ATOMIC_DESTROY /* who has looked it up succeeds, though another one destroys it: until v3.16 */
	atomic_point();
#endif
	destroy_looked_up(found);
	return 0;
}

// io_setup() of a context; ctx_id names it from then on. Others may know its address before they are told.
static inline long op_io_setup(void)
{
	return sys_io_setup(MAX_REQUESTS, &ctx_id);
}

static inline unsigned long guessed_id(void)
{
	struct kioctx *guess;
	unsigned long id = 0;

	rcu_read_lock();
	hlist_for_each_entry_rcu(guess, &user_mm.ioctx_list, list)
		id = guess->user_id;
	rcu_read_unlock();
	return id;
}

// io_destroy() of a context that somebody may still be setting up.
static inline long op_io_destroy_guessed(void)
{
	unsigned long id = guessed_id();

	return id ? sys_io_destroy(id) : -EINVAL;
}

// io_submit(), io_getevents() or io_cancel() with such an id: each begins by looking it up.
static inline long op_io_lookup_guessed(void)
{
	unsigned long id = guessed_id();
	struct kioctx *found = id ? lookup_ioctx(id) : NULL;

	if (!found)
		return -EINVAL;
	put_ioctx(found);
	return 0;
}

// The last thread of the process ends.
static inline long op_exit_aio(void)
{
	exit_aio(&user_mm);
	return 0;
}
