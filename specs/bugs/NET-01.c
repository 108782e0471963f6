// SPDX-License-Identifier: GPL-2.0-or-later
// The device's interrupt comes while the poll is about to complete: it finds the poll scheduled, and nobody polls
// again.
// @source net/core/dev.c v4.10: napi_schedule_prep(), napi_complete_done()
// @bug NET-01 39e6c8208d7b6fb9d2047850fb3327db567b564b (v4.11) net: solve a NAPI race
// @expect all: violation (assertion)
// @expect[FIX_NET_01] all: safe
#include <ringtail.h>

enum {
	NAPI_STATE_SCHED,
	NAPI_STATE_MISSED,
	NAPI_STATE_DISABLE,
};
enum {
	NAPIF_STATE_SCHED = BIT(NAPI_STATE_SCHED),
	NAPIF_STATE_MISSED = BIT(NAPI_STATE_MISSED),
	NAPIF_STATE_DISABLE = BIT(NAPI_STATE_DISABLE),
};

struct napi_struct {
	unsigned long state;
	int weight;
	int (*poll)(struct napi_struct *, int);
};

struct nic {
	struct napi_struct napi;
	atomic_t rx_pending;
	int received;
};

static struct nic nic;
static int nic_poll(struct napi_struct *napi, int budget);
static bool rescheduled;

INIT
{
	nic.napi = (struct napi_struct){ .state = NAPIF_STATE_SCHED, .weight = 64, .poll = nic_poll };
}

static bool napi_schedule_prep(struct napi_struct *n)
{
#ifdef FIX_NET_01
	unsigned long val, new;

	do {
		val = READ_ONCE(n->state);
		if (unlikely(val & NAPIF_STATE_DISABLE))
			return false;
		new = val | NAPIF_STATE_SCHED;
		new |= (val & NAPIF_STATE_SCHED) / NAPIF_STATE_SCHED * NAPIF_STATE_MISSED;
	} while (cmpxchg(&n->state, val, new) != val);
	return !(val & NAPIF_STATE_SCHED);
#else
	return !test_bit(NAPI_STATE_DISABLE, &n->state) && !test_and_set_bit(NAPI_STATE_SCHED, &n->state);
#endif
}

static void __napi_schedule(struct napi_struct *n)
{
	(void)n;
	WRITE_ONCE(rescheduled, true);
}

static bool napi_complete_done(struct napi_struct *n)
{
#ifdef FIX_NET_01
	unsigned long val, new;

	do {
		val = READ_ONCE(n->state);
		WARN_ON_ONCE(!(val & NAPIF_STATE_SCHED));
		new = val & ~(NAPIF_STATE_MISSED | NAPIF_STATE_SCHED);
		new |= (val & NAPIF_STATE_MISSED) / NAPIF_STATE_MISSED * NAPIF_STATE_SCHED;
	} while (cmpxchg(&n->state, val, new) != val);
	if (unlikely(val & NAPIF_STATE_MISSED)) {
		__napi_schedule(n);
		return false;
	}
	return true;
#else
	smp_mb__before_atomic();
	clear_bit(NAPI_STATE_SCHED, &n->state);
	return true;
#endif
}

static int nic_poll(struct napi_struct *napi, int budget)
{
	struct nic *priv = container_of(napi, struct nic, napi);
	int work_done = 0;

	while (work_done < budget && atomic_dec_if_positive(&priv->rx_pending) >= 0) {
		priv->received++;
		work_done++;
	}
	if (work_done < budget)
		napi_complete_done(napi);
	return work_done;
}

static void nic_irq(void)
{
	atomic_inc(&nic.rx_pending);
	smp_mb__after_atomic();
	if (napi_schedule_prep(&nic.napi))
		__napi_schedule(&nic.napi);
}

THREAD(softirq) { nic.napi.poll(&nic.napi, nic.napi.weight); }
IRQ(device) { nic_irq(); }

FINALLY { assert(atomic_read(&nic.rx_pending) == 0 || rescheduled); }
