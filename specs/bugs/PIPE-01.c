// SPDX-License-Identifier: GPL-2.0-or-later
// Whoever looks without the mutex whether the pipe is empty has to read head and tail at once: an old head and a new tail
// look like an empty pipe, and a writer wakes nobody where something was in it.
// @source fs/pipe.c v6.13: pipe_readable(), pipe_read(), pipe_write()
// @bug PIPE-01 3d252160b818 (v6.14) fs/pipe: Read pipe->{head,tail} atomically outside pipe->mutex
// @expect all: violation (lost wakeup)
// @expect[FIX_PIPE_01] all: safe
#include <ringtail.h>

static struct {
	struct mutex mutex;
	wait_queue_head_t rd_wait;
	u64 head_tail; /* the head in the lower half */
} pipe = { .rd_wait = __WAIT_QUEUE_HEAD_INITIALIZER(pipe.rd_wait) };

#define HEAD(index) ((u32)(index))
#define TAIL(index) ((u32)((index) >> 32))

static bool pipe_readable(void)
{
#ifdef FIX_PIPE_01
	u64 index = READ_ONCE(pipe.head_tail);

	return HEAD(index) != TAIL(index);
#else
	u32 head = HEAD(READ_ONCE(pipe.head_tail));
	u32 tail = TAIL(READ_ONCE(pipe.head_tail));

	return head != tail;
#endif
}

static bool pipe_empty(void) /* with the mutex held */
{
	return HEAD(pipe.head_tail) == TAIL(pipe.head_tail);
}

static void pipe_read(void)
{
	mutex_lock(&pipe.mutex);
	while (pipe_empty()) {
		mutex_unlock(&pipe.mutex);
		wait_event_interruptible(pipe.rd_wait, pipe_readable());
		mutex_lock(&pipe.mutex);
	}
	WRITE_ONCE(pipe.head_tail, pipe.head_tail + (1ULL << 32));
	mutex_unlock(&pipe.mutex);
}

static void pipe_write(void)
{
	bool was_empty;

	mutex_lock(&pipe.mutex);
	was_empty = pipe_empty();
	WRITE_ONCE(pipe.head_tail, pipe.head_tail + 1);
	mutex_unlock(&pipe.mutex);
	if (was_empty)
		wake_up_interruptible(&pipe.rd_wait);
}

THREAD(reader) { pipe_read(); }

THREAD(others)
{
	pipe_write();
	pipe_write();
	pipe_read();
}
