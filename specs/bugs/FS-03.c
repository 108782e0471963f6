// SPDX-License-Identifier: GPL-2.0-or-later
// A thread in epoll_wait() is woken, the only one, just as its time is up: it goes without the event, and nobody else is told.
// @source fs/eventpoll.c v5.10: ep_poll(), ep_poll_callback(), ep_send_events()
// @bug FS-03 289caf5d8f6c61c6d2b7fd752a7f483cd153f182 (v5.11) epoll: check for events when removing a timed out thread from the wait queue
// @expect all: violation (lost wakeup)
// @expect[FIX_FS_03] all: safe
#include <ringtail.h>

struct eventpoll {
	struct mutex mtx;
	rwlock_t lock;
	int ready; /* rdllist */
	wait_queue_head_t wq;
};

static struct eventpoll ep;

INIT
{
	mutex_init(&ep.mtx);
	rwlock_init(&ep.lock);
	init_waitqueue_head(&ep.wq);
}

static void ep_poll_callback(void)
{
	write_lock(&ep.lock); /* for read in the kernel, which adds to the list without a lock */
	WRITE_ONCE(ep.ready, ep.ready + 1);
	if (waitqueue_active(&ep.wq))
		wake_up(&ep.wq);
	write_unlock(&ep.lock);
}

static int ep_send_events(void)
{
	int res = 0;

	mutex_lock(&ep.mtx);
	write_lock(&ep.lock);
	if (ep.ready) {
		WRITE_ONCE(ep.ready, ep.ready - 1);
		res = 1;
	}
	write_unlock(&ep.lock);
	mutex_unlock(&ep.mtx);
	return res;
}

static int ep_poll(const int *to)
{
	int res = 0, eavail, timed_out = 0;
	wait_queue_entry_t wait;

	do {
		init_wait(&wait);
		write_lock_irq(&ep.lock);
		__set_current_state(TASK_INTERRUPTIBLE);
		eavail = ep.ready;
		if (!eavail)
			__add_wait_queue_exclusive(&ep.wq, &wait);
		write_unlock_irq(&ep.lock);
		if (!eavail) {
			timed_out = !schedule_hrtimeout_range(to, 0, HRTIMER_MODE_ABS);
#ifdef FIX_FS_03
			eavail = 1;
#else
			eavail = !timed_out;
#endif
		}
		__set_current_state(TASK_RUNNING);
		if (!list_empty_careful(&wait.entry)) {
			write_lock_irq(&ep.lock);
#ifdef FIX_FS_03
			if (timed_out)
				eavail = list_empty(&wait.entry);
#endif
			__remove_wait_queue(&ep.wq, &wait);
			write_unlock_irq(&ep.lock);
		}
		if (eavail)
			res = ep_send_events();
	} while (!res && !timed_out);
	return res;
}

THREAD(patient)
{
	ep_poll(NULL);
}

THREAD(impatient)
{
	const int soon = 1;

	if (ep_poll(&soon))
		ep_poll_callback(); /* what it does with the event makes another, for the other thread */
}

THREAD(event) { ep_poll_callback(); }
