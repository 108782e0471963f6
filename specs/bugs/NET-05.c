// SPDX-License-Identifier: GPL-2.0-or-later
// poll() puts itself into a socket's wait queue and looks for data; the receiver stores data and looks for who waits.
// @source net/ipv4/tcp.c v2.6.30: tcp_poll(); net/core/sock.c: sock_def_readable(); fs/select.c: poll_schedule_timeout()
// @bug NET-05 (v2.6.31) net: adding memory barrier to the poll and receive callbacks
// Evidence: the subject is certain, the commit's hash is not, so none is named.
// @expect sc: safe   tso, lkmm: violation (lost wakeup)
// @expect[FIX_POLL] sc, tso: safe   lkmm: violation (lost wakeup)
// @expect[FIX_READABLE] sc: safe   tso, lkmm: violation (lost wakeup)
// @expect[FIX_POLL, FIX_READABLE] all: safe
#include <ringtail.h>

struct tcp_sock {
	u32 rcv_nxt, copied_seq;
	wait_queue_head_t *sk_sleep;
	rwlock_t sk_callback_lock;
};

static DECLARE_WAIT_QUEUE_HEAD(sleep);
static struct tcp_sock sk = { .sk_sleep = &sleep };

struct poll_wqueues {
	struct task_struct *polling_task;
	int triggered;
	wait_queue_entry_t wait;
};

static int pollwake(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct poll_wqueues *pwq = container_of(wait, struct poll_wqueues, wait);

	smp_wmb();
	WRITE_ONCE(pwq->triggered, 1);
	return wake_up_state(pwq->polling_task, mode);
}

static void poll_wait(wait_queue_head_t *sleep, struct poll_wqueues *pwq)
{
	init_waitqueue_func_entry(&pwq->wait, pollwake);
	add_wait_queue(sleep, &pwq->wait);
}

static bool tcp_poll(struct tcp_sock *tp, struct poll_wqueues *pwq)
{
	if (pwq)
		poll_wait(tp->sk_sleep, pwq);
#ifdef FIX_POLL
	smp_mb();
#endif
	return READ_ONCE(tp->rcv_nxt) != tp->copied_seq;
}

static void poll_schedule_timeout(struct poll_wqueues *pwq)
{
	set_current_state(TASK_INTERRUPTIBLE);
	if (!READ_ONCE(pwq->triggered))
		schedule();
	__set_current_state(TASK_RUNNING);
	smp_store_mb(pwq->triggered, 0);
}

THREAD(do_select)
{
	struct poll_wqueues table = { .polling_task = current };
	struct poll_wqueues *wait = &table;

	while (!tcp_poll(&sk, wait)) {
		wait = NULL;
		poll_schedule_timeout(&table);
	}
	remove_wait_queue(sk.sk_sleep, &table.wait); /* poll_freewait() */
}

static void sock_def_readable(struct tcp_sock *sk)
{
	read_lock(&sk->sk_callback_lock);
#ifdef FIX_READABLE
	smp_mb();
#endif
	if (sk->sk_sleep && waitqueue_active(sk->sk_sleep))
		wake_up_interruptible(sk->sk_sleep);
	read_unlock(&sk->sk_callback_lock);
}

THREAD(tcp_rcv_established)
{
	WRITE_ONCE(sk.rcv_nxt, 1);
	sock_def_readable(&sk);
}
