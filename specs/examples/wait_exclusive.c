// SPDX-License-Identifier: GPL-2.0-or-later
// Two readers sleep on a pipe, each to be woken alone: a writer wakes one, and only where the pipe was empty, so that who
// leaves something for the other has to wake it.
// @source fs/pipe.c v5.6: pipe_read(), pipe_write()
// @expect all: violation (lost wakeup)
// @expect[WAKE_NEXT_READER] all: safe
#include <ringtail.h>

static DEFINE_MUTEX(pipe_mutex);
static DECLARE_WAIT_QUEUE_HEAD(rd_wait);
static int items; /* in the pipe */

static void pipe_read(void)
{
	bool wake_next_reader = false;

	mutex_lock(&pipe_mutex);
	if (!READ_ONCE(items)) { /* `while`, where there are more readers than items */
		mutex_unlock(&pipe_mutex);
		wait_event_interruptible_exclusive(rd_wait, READ_ONCE(items));
		mutex_lock(&pipe_mutex);
		wake_next_reader = true;
	}
	WRITE_ONCE(items, items - 1);
	if (!items)
		wake_next_reader = false;
	mutex_unlock(&pipe_mutex);
#ifndef WAKE_NEXT_READER
	wake_next_reader = false;
#endif
	if (wake_next_reader)
		wake_up_interruptible_sync_poll(&rd_wait, EPOLLIN | EPOLLRDNORM);
}

static void pipe_write(int count)
{
	bool was_empty;

	mutex_lock(&pipe_mutex);
	was_empty = !items;
	WRITE_ONCE(items, items + count);
	mutex_unlock(&pipe_mutex);
	if (was_empty)
		wake_up_interruptible_sync_poll(&rd_wait, EPOLLIN | EPOLLRDNORM);
}

THREAD(reader_1) { pipe_read(); }
THREAD(reader_2) { pipe_read(); }
THREAD(writer) { pipe_write(2); }
