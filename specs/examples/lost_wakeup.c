// SPDX-License-Identifier: GPL-2.0-or-later
// A producer that looks for sleepers without a barrier: its look at the queue may overtake its store, and the consumer
// sleeps for ever. In miniature what fs/aio.c had before 2.6.25.
// @source kernel/sched/wait.c v6.1: prepare_to_wait(), finish_wait(); include/linux/wait.h: waitqueue_active()
// @bug 6cb2a21049b8990df4576c5fce4d48d0206c22d5 (v2.6.25) no barrier between the event and waitqueue_active()
// @expect sc: safe   tso, lkmm: violation (lost wakeup)
// @expect[FIX_MB] all: safe
#include <ringtail.h>

static DECLARE_WAIT_QUEUE_HEAD(queue);
static int event;

static void publish(void)
{
	WRITE_ONCE(event, 1);
#ifdef FIX_MB
	smp_mb();
#endif
	if (waitqueue_active(&queue))
		wake_up(&queue);
}

static void consume(void)
{
	wait_event(queue, READ_ONCE(event));
}

THREAD(producer) { publish(); }
THREAD(consumer) { consume(); }
