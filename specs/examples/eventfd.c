// SPDX-License-Identifier: GPL-2.0-or-later
// A counter that readers wait for under the lock of its queue, as eventfd has it; the other way, the lock is let go before the
// sleeper is in the queue.
// @source fs/eventfd.c v6.6: eventfd_read(), eventfd_write()
// @expect all: safe
// @expect[LATE] all: violation (lost wakeup)
#include <ringtail.h>

static struct eventfd_ctx {
	wait_queue_head_t wqh;
	__u64 count;
} ctx = { .wqh = __WAIT_QUEUE_HEAD_INITIALIZER(ctx.wqh) };

static ssize_t eventfd_write(u64 ucnt)
{
	spin_lock_irq(&ctx.wqh.lock);
	if (ULLONG_MAX - ctx.count > ucnt)
		ctx.count += ucnt;
	if (waitqueue_active(&ctx.wqh))
		wake_up_locked_poll(&ctx.wqh, EPOLLIN);
	spin_unlock_irq(&ctx.wqh.lock);
	return sizeof(ucnt);
}

static ssize_t eventfd_read(u64 *cnt)
{
	spin_lock_irq(&ctx.wqh.lock);
#ifdef LATE
	if (!ctx.count) {
		DEFINE_WAIT(wait);

		spin_unlock_irq(&ctx.wqh.lock);
		prepare_to_wait(&ctx.wqh, &wait, TASK_INTERRUPTIBLE);
		schedule();
		finish_wait(&ctx.wqh, &wait);
		spin_lock_irq(&ctx.wqh.lock);
	}
#else
	if (!ctx.count && wait_event_interruptible_locked_irq(ctx.wqh, ctx.count)) {
		spin_unlock_irq(&ctx.wqh.lock);
		return -ERESTARTSYS;
	}
#endif
	*cnt = ctx.count;
	ctx.count = 0;
	spin_unlock_irq(&ctx.wqh.lock);
	return sizeof(*cnt);
}

THREAD(writer) { eventfd_write(3); }

THREAD(reader)
{
	u64 cnt;

	assert(eventfd_read(&cnt) == 8 && cnt == 3);
}
