// SPDX-License-Identifier: GPL-2.0-or-later
// Of two senders on a lockless qdisc the second finds it running and leaves; the first has looked already, and the
// packet stays.
// @source include/net/sch_generic.h v5.12: qdisc_run_begin(), qdisc_run_end()
// @bug NET-02 a90c57f2cedd52a511f739fb55e6244e22e1a2fb (v5.13) net: sched: fix packet stuck problem for lockless qdisc
// @expect all: violation (assertion)
// @expect[FIX_NET_02] all: safe
#include <ringtail.h>

enum qdisc_state_t { __QDISC_STATE_SCHED, __QDISC_STATE_DEACTIVATED, __QDISC_STATE_MISSED };

struct Qdisc {
	unsigned long state;
	spinlock_t seqlock;
	spinlock_t busylock;
	int qlen;
	struct sk_buff *head;
};

struct sk_buff {
	struct sk_buff *next;
	int len;
};

static struct Qdisc qd = { .state = 0 };
static bool scheduled;
static atomic_t sent = ATOMIC_INIT(0);

static inline bool qdisc_run_begin(struct Qdisc *qdisc)
{
	if (spin_trylock(&qdisc->seqlock))
		return true;
#ifdef FIX_NET_02
	if (test_bit(__QDISC_STATE_MISSED, &qdisc->state))
		return false;
	set_bit(__QDISC_STATE_MISSED, &qdisc->state);
	smp_mb__after_atomic();
	return spin_trylock(&qdisc->seqlock);
#else
	return false;
#endif
}

static inline bool qdisc_run_end(struct Qdisc *qdisc)
{
	spin_unlock(&qdisc->seqlock);
#ifdef FIX_NET_02
	smp_mb();
	if (unlikely(test_bit(__QDISC_STATE_MISSED, &qdisc->state))) {
		clear_bit(__QDISC_STATE_MISSED, &qdisc->state);
		return true; /* __netif_schedule() */
	}
#endif
	return false;
}

static void pfifo_fast_enqueue(struct Qdisc *q, struct sk_buff *skb)
{
	spin_lock(&q->busylock);
	skb->next = q->head;
	q->head = skb;
	spin_unlock(&q->busylock);
}

static struct sk_buff *pfifo_fast_dequeue(struct Qdisc *q)
{
	struct sk_buff *skb;

	spin_lock(&q->busylock);
	skb = q->head;
	if (skb)
		q->head = skb->next;
	spin_unlock(&q->busylock);
	return skb;
}

static void __qdisc_run(struct Qdisc *q)
{
	struct sk_buff *skb;

	while ((skb = pfifo_fast_dequeue(q))) {
		atomic_inc(&sent);
		kfree(skb);
	}
}

static int dev_xmit_skb(struct Qdisc *q)
{
	struct sk_buff *skb = kmalloc(sizeof *skb, GFP_ATOMIC);

	pfifo_fast_enqueue(q, skb);
	if (qdisc_run_begin(q)) {
		__qdisc_run(q);
		if (qdisc_run_end(q))
			WRITE_ONCE(scheduled, true); /* __netif_schedule() */
	}
	return 0;
}

THREAD(cpu0) { dev_xmit_skb(&qd); }
THREAD(cpu1) { dev_xmit_skb(&qd); }
FINALLY { assert(scheduled || (!qd.head && atomic_read(&sent) == 2)); }
