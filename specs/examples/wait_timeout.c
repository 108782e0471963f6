// SPDX-License-Identifier: GPL-2.0-or-later
// A wait with a time limit returns 0 only where the condition was false at the last look.
// @expect all: safe
// @expect[LOOK_ONCE] all: violation (assertion)
#include <ringtail.h>

static DECLARE_WAIT_QUEUE_HEAD(wq);
static int answered;

/* What was seen is kept, for it may change before the assertion. */
#define SEEN_NOW(seen) ({ (seen) = READ_ONCE(answered); (seen); })

THREAD(ask)
{
	int seen = 0;
#ifdef LOOK_ONCE /* a sleep of a jiffy or less, by hand */
	DEFINE_WAIT(wait);
	long left;

	prepare_to_wait(&wq, &wait, TASK_UNINTERRUPTIBLE);
	left = schedule_timeout(1);
	SEEN_NOW(seen);
	finish_wait(&wq, &wait);
#else
	long left = wait_event_timeout(wq, SEEN_NOW(seen), HZ);
#endif
	assert(!left == !seen);
}

IRQ(answer)
{
	WRITE_ONCE(answered, 1);
	wake_up(&wq);
}
