// SPDX-License-Identifier: GPL-2.0-or-later
// An object is freed once its timer is deleted: whose function may run on, if nobody tries again until it has ended.
// @expect all: violation (use after free)
// @expect[FIX] all: safe
#include <ringtail.h>
#include <timer.h>

struct sock {
	struct timer_list sk_timer;
	int state;
};

static struct sock *sk;

static void expired(struct timer_list *t)
{
	struct sock *sk = from_timer(sk, t, sk_timer);

	WRITE_ONCE(sk->state, 1);
}

INIT
{
	sk = kzalloc(sizeof(*sk), GFP_KERNEL);
	timer_setup(&sk->sk_timer, expired, 0);
	mod_timer(&sk->sk_timer, jiffies + HZ);
}

IRQ(tick) { run_timers(); }

THREAD(release)
{
#ifdef FIX
	while (try_to_del_timer_sync(&sk->sk_timer) < 0)
		cpu_relax();
#else
	(void)timer_delete_sync_try(&sk->sk_timer);
#endif
	kfree(sk);
}
