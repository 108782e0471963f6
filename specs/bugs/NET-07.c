// SPDX-License-Identifier: GPL-2.0-or-later
// A timer of a socket that is closed fires once more: del_timer() does not wait for the handler, and no reference of the
// timer's own keeps the socket.
// @source net/rose/rose_timer.c v5.18: rose_start_heartbeat(), rose_stop_heartbeat(), rose_heartbeat_expiry();
//   net/core/sock.c: sk_reset_timer(), sk_stop_timer()
// @bug NET-07 9cc02ede696272c5271a401e4f27c262359bc2f6 (v5.19) net: rose: fix UAF bugs caused by timer handler
// @expect all: violation (use after free)
// @expect[FIX_NET_07] all: safe
#include <ringtail.h>
#include <timer.h>

enum { ROSE_STATE_0, ROSE_STATE_3 };

struct sock {
	refcount_t sk_refcnt;
	spinlock_t slock;
	struct timer_list sk_timer;
	int state;
};

static struct sock *rose;

static void sock_hold(struct sock *sk)
{
	refcount_inc(&sk->sk_refcnt);
}

static void sock_put(struct sock *sk)
{
	if (refcount_dec_and_test(&sk->sk_refcnt))
		kfree(sk);
}

static __maybe_unused void sk_reset_timer(struct sock *sk, struct timer_list *timer, unsigned long expires)
{
	if (!mod_timer(timer, expires))
		sock_hold(sk);
}

static __maybe_unused void sk_stop_timer(struct sock *sk, struct timer_list *timer)
{
	if (del_timer(timer))
		sock_put(sk);
}

static void rose_start_heartbeat(struct sock *sk)
{
#ifdef FIX_NET_07
	sk_reset_timer(sk, &sk->sk_timer, jiffies + 5 * HZ);
#else
	mod_timer(&sk->sk_timer, jiffies + 5 * HZ);
#endif
}

static void rose_stop_heartbeat(struct sock *sk)
{
#ifdef FIX_NET_07
	sk_stop_timer(sk, &sk->sk_timer);
#else
	del_timer(&sk->sk_timer);
#endif
}

static void rose_heartbeat_expiry(struct timer_list *t)
{
	struct sock *sk = from_timer(sk, t, sk_timer);

	spin_lock(&sk->slock);
	if (sk->state == ROSE_STATE_3)
		sk->state = ROSE_STATE_0;
	spin_unlock(&sk->slock);
#ifdef FIX_NET_07
	sock_put(sk);
#endif
}

INIT
{
	rose = kzalloc(sizeof(*rose), GFP_KERNEL);
	refcount_set(&rose->sk_refcnt, 1);
	spin_lock_init(&rose->slock);
	rose->state = ROSE_STATE_3;
	timer_setup(&rose->sk_timer, rose_heartbeat_expiry, 0);
	rose_start_heartbeat(rose);
}

IRQ(tick) { run_timers(); }

THREAD(rose_release)
{
	spin_lock_bh(&rose->slock);
	rose->state = ROSE_STATE_0;
	rose_stop_heartbeat(rose);
	spin_unlock_bh(&rose->slock);
	sock_put(rose);
}
