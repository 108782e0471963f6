// SPDX-License-Identifier: GPL-2.0-or-later
// A throttled task is given a token by whoever completes a request, who takes it off the queue and then wakes it; but a sleeper
// that finds itself off the queue leaves without the queue's lock, and what the waker still reads is on its stack.
// @source block/blk-rq-qos.c v6.11: rq_qos_wake_function(), rq_qos_wait(); kernel/sched/wait.c: finish_wait()
// @bug BLK-04 e972b08b91ef48488bae9789f03cfedb148667fb (v6.12) blk-rq-qos: fix crash on rq_qos_wait vs. rq_qos_wake_function race
// @expect all: violation (use after free)
// @expect[FIX_BLK_04] all: safe
// @expect[FIX_BLK_04, NOT_CAREFUL] sc, tso: safe   lkmm: violation (use after free)
#include <ringtail.h>

struct rq_qos_wait_data {
	struct wait_queue_entry wq;
	struct task_struct *task;
	atomic_t *inflight;
	bool got_token;
};

static DECLARE_WAIT_QUEUE_HEAD(rqw_wait);
static atomic_t inflight = ATOMIC_INIT(1);

static bool acquire_inflight(atomic_t *v)
{
	return atomic_add_unless(v, 1, 1);
}

static int rq_qos_wake_function(struct wait_queue_entry *curr, unsigned int mode, int wake_flags, void *key)
{
	struct rq_qos_wait_data *data = container_of(curr, struct rq_qos_wait_data, wq);

	if (!acquire_inflight(data->inflight))
		return -1;
	WRITE_ONCE(data->got_token, true);
#ifdef FIX_BLK_04
	wake_up_process(data->task);
#endif
#ifdef NOT_CAREFUL
	list_del_init(&curr->entry);
#else
	list_del_init_careful(&curr->entry);
#endif
#ifndef FIX_BLK_04
	wake_up_process(data->task);
#endif
	return 1;
}

THREAD(rq_qos_wait)
{
	struct rq_qos_wait_data data = {
		.wq = { .func = rq_qos_wake_function, .entry = LIST_HEAD_INIT(data.wq.entry) },
		.task = current,
		.inflight = &inflight,
	};
	bool has_sleeper;

	has_sleeper = wq_has_sleeper(&rqw_wait);
	if (!has_sleeper && acquire_inflight(&inflight))
		return;
	prepare_to_wait_exclusive(&rqw_wait, &data.wq, TASK_UNINTERRUPTIBLE);
	do {
		if (READ_ONCE(data.got_token))
			break;
		if (!has_sleeper && acquire_inflight(&inflight)) {
			finish_wait(&rqw_wait, &data.wq);
			if (READ_ONCE(data.got_token)) /* two tokens: one goes back */
				atomic_dec(&inflight);
			break;
		}
		io_schedule();
		has_sleeper = true;
		set_current_state(TASK_UNINTERRUPTIBLE);
	} while (1);
	finish_wait(&rqw_wait, &data.wq);
}

IRQ(done)
{
	if (atomic_dec_return(&inflight) >= 1)
		return;
	if (wq_has_sleeper(&rqw_wait))
		wake_up_all(&rqw_wait);
}

FINALLY { assert(atomic_read(&inflight) == 1); }
