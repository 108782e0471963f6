// SPDX-License-Identifier: GPL-2.0-or-later
// io_getevents(): what is there is taken at once; if that is too little, the reader queues itself on ctx->wait, looks again,
// and sleeps until an event, the end of the context, a signal or its time limit wakes it.
// @source fs/aio.c v3.6: timeout_func(), set_timeout(), read_events(), sys_io_getevents()
#pragma once
#include "run.h"
#include "../lib/timer.h"

struct aio_timeout {
	struct timer_list timer;
	int timed_out;
	struct task_struct *p;
};

static inline void timeout_func(unsigned long data)
{
	struct aio_timeout *to = (struct aio_timeout *)data;

	WRITE_ONCE(to->timed_out, 1);
	wake_up_process(to->p);
}

static inline void set_timeout(struct aio_timeout *to, long timeout)
{
	if (timeout > 0)
		add_timer(&to->timer);
	else
		WRITE_ONCE(to->timed_out, 1);
}

static inline void copy_to_user(struct io_event *user, struct io_event *ent)
{
	*user = *ent;
	request_reaped(iocb_id(ent->obj), ent->res);
}

// `timeout`: NO_TIMEOUT, 0 to look once, or more.
#define NO_TIMEOUT (-1L)

static inline int read_events(struct kioctx *ctx, long min_nr, long nr, struct io_event *event, long timeout)
{
	struct task_struct *tsk = current;
	DECLARE_WAITQUEUE(wait, tsk);
	struct io_event ent;
	struct aio_timeout to;
	int retry = 0, ret, i = 0;

retry:
	ret = 0;
	while (i < nr) {
		ret = aio_read_evt(ctx, &ent);
		if (ret <= 0)
			break;
		copy_to_user(event, &ent);
		event++;
		i++;
	}
	if (min_nr <= i)
		return i;
	if (ret)
		return ret;
	if (!retry && unlikely(!list_empty(&ctx->run_list))) { /* looked at again under the lock */
		retry = 1;
		aio_run_all_iocbs(ctx);
		goto retry;
	}

	to.timed_out = 0;
	to.p = tsk;
	setup_timer(&to.timer, timeout_func, (unsigned long)&to);
	if (timeout != NO_TIMEOUT)
		set_timeout(&to, timeout);
	while (i < nr) {
		add_wait_queue_exclusive(&ctx->wait, &wait);
		do {
			set_task_state(tsk, TASK_INTERRUPTIBLE);
			ret = aio_read_evt(ctx, &ent);
			if (ret)
				break;
			if (min_nr <= i)
				break;
			if (unlikely(READ_ONCE(ctx->dead))) {
				ret = -EINVAL;
				break;
			}
			if (READ_ONCE(to.timed_out)) /* only after the ring */
				break;
			schedule(); /* io_schedule(), if requests are in flight: the load average's concern */
			if (signal_pending(tsk)) {
				ret = -EINTR;
				break;
			}
		} while (1);
		set_task_state(tsk, TASK_RUNNING);
		remove_wait_queue(&ctx->wait, &wait);
		if (ret <= 0)
			break;
		copy_to_user(event, &ent);
		event++;
		i++;
	}
#ifndef NO_DEL_TIMER
	if (timeout != NO_TIMEOUT)
		del_timer_sync(&to.timer);
#endif
	return i ? i : ret;
}

static inline long sys_io_getevents(unsigned long ctx_id, long min_nr, long nr, struct io_event *events, long timeout)
{
	struct kioctx *ioctx = lookup_ioctx(ctx_id);
	long ret = -EINVAL;

	if (ioctx) {
		if (min_nr <= nr && min_nr >= 0)
			ret = read_events(ioctx, min_nr, nr, events, timeout);
		put_ioctx(ioctx);
	}
	return ret;
}
