// SPDX-License-Identifier: GPL-2.0-or-later
// The worker clears PENDING and reads the work before the store is seen.
// @source kernel/workqueue.c v4.5: set_work_pool_and_clear_pending()
// @bug WQ-01 346c09f80459a3ad97df1816d6d606169a51001a (v4.6) workqueue: fix ghost PENDING flag while doing MQ IO
// @expect sc: safe   tso, lkmm: violation (assertion)
// @expect[FIX_WQ_01] all: safe
#include <ringtail.h>

enum { WORK_STRUCT_PENDING_BIT, WORK_STRUCT_PENDING = BIT(WORK_STRUCT_PENDING_BIT) };

struct hctx {
	atomic_long_t data;
	unsigned long ctx_map;	/* bits of contexts that have requests */
};

static struct hctx h;
static int executed;

INIT
{
	atomic_long_set(&h.data, WORK_STRUCT_PENDING);
}

static void run_work(void)
{
	smp_wmb();
	atomic_long_set(&h.data, 7 << 4);
#ifdef FIX_WQ_01
	smp_mb();
#endif
	if (READ_ONCE(h.ctx_map))
		WRITE_ONCE(executed, 1);
}

THREAD(kworker)
{
	run_work();
}

static bool queued;

THREAD(submit)
{
	WRITE_ONCE(h.ctx_map, 1);
	if (!(atomic_long_fetch_or(WORK_STRUCT_PENDING, &h.data) & WORK_STRUCT_PENDING))
		queued = true;	/* somebody will run it again */
}

FINALLY
{
	assert(queued || executed);
}
