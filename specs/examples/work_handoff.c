// SPDX-License-Identifier: GPL-2.0-or-later
// A work item with a pending bit, as a work queue has it: the worker clears the bit before it runs the work, so
// that whoever queues it again either sees the bit clear, or has the work run after him.
// @source kernel/workqueue.c v6.6: set_work_pool_and_clear_pending()
// @expect all: safe
// @expect[NO_MB_AFTER_CLEAR] sc: safe tso: safe lkmm: violation (assertion)
#include <ringtail.h>

static unsigned long flags;
static int data, done_for, runs;
static spinlock_t pool_lock;
static int queued;

static bool queue_work(void)
{
	if (test_and_set_bit(0, &flags))
		return false;
	spin_lock(&pool_lock);
	WRITE_ONCE(queued, READ_ONCE(queued) + 1);
	spin_unlock(&pool_lock);
	return true;
}

static void work_fn(void)
{
	WRITE_ONCE(done_for, READ_ONCE(data));
}

static void process_one(void)
{
	spin_lock(&pool_lock);
	int have = READ_ONCE(queued);
	if (have)
		WRITE_ONCE(queued, have - 1);
	spin_unlock(&pool_lock);
	if (!have)
		return;
	clear_bit(0, &flags);
#ifndef NO_MB_AFTER_CLEAR
	smp_mb();
#endif
	work_fn();
	runs++;
}

INIT
{
	spin_lock_init(&pool_lock);
	set_bit(0, &flags);
	queued = 1;
}

THREAD(producer)
{
	WRITE_ONCE(data, 1);
	queue_work();
}

THREAD(worker)
{
	process_one();
	process_one();
}

FINALLY
{
	/* the last value is either handled, or there is still work queued for it */
	assert(done_for == 1 || queued == 1);
}
