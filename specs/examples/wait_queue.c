// SPDX-License-Identifier: GPL-2.0-or-later
// A waiter that looks at its condition before it is on the queue misses the wake-up that comes between.
// @expect all: safe
// @expect[CHECK_FIRST] all: violation (lost wakeup)
// @expect[NO_CHECK_OF_QUEUE_BARRIER] sc: safe tso, lkmm: violation (lost wakeup)
#include <ringtail.h>

static DECLARE_WAIT_QUEUE_HEAD(wq);
static int ready;

THREAD(consumer)
{
	DEFINE_WAIT(wait);

#ifdef CHECK_FIRST
	if (!READ_ONCE(ready)) {
		prepare_to_wait(&wq, &wait, TASK_UNINTERRUPTIBLE);
		schedule();
		finish_wait(&wq, &wait);
	}
#else
	for (;;) {
		prepare_to_wait(&wq, &wait, TASK_UNINTERRUPTIBLE);
		if (READ_ONCE(ready))
			break;
		schedule();
	}
	finish_wait(&wq, &wait);
#endif
	assert(READ_ONCE(ready));
}

THREAD(producer)
{
	WRITE_ONCE(ready, 1);
#ifdef NO_CHECK_OF_QUEUE_BARRIER
	if (waitqueue_active(&wq))
#endif
		wake_up(&wq);
}
