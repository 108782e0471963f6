// SPDX-License-Identifier: GPL-2.0-or-later
// A timer that arms itself again: to delete it does not wait for its function, and to wait is not enough, for that may have
// armed it once more. What frees the object has to shut the timer down (v6.2).
// @expect all: violation (use after free)
// @expect[FIX_SYNC] all: violation (use after free)
// @expect[FIX_SHUTDOWN] all: safe
#include <ringtail.h>
#include <timer.h>

struct sock {
	struct timer_list sk_timer;
	int state;
};

static struct sock *sk;

static void heartbeat(struct timer_list *t)
{
	struct sock *sk = from_timer(sk, t, sk_timer);

	WRITE_ONCE(sk->state, 1);
	mod_timer(&sk->sk_timer, 10);
}

INIT
{
	sk = kzalloc(sizeof(*sk), GFP_KERNEL);
	timer_setup(&sk->sk_timer, heartbeat, 0);
	mod_timer(&sk->sk_timer, 10);
}

IRQ(tick) { run_timers(); }
IRQ(tock) { run_timers(); }

THREAD(release)
{
#if defined(FIX_SHUTDOWN)
	timer_shutdown_sync(&sk->sk_timer);
#elif defined(FIX_SYNC)
	del_timer_sync(&sk->sk_timer);
#else
	del_timer(&sk->sk_timer);
#endif
	kfree(sk);
}
