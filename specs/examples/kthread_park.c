// SPDX-License-Identifier: GPL-2.0-or-later
// What a kernel thread works on is changed while the thread is parked; who does not wait until it is, changes it beside the work.
// @source kernel/kthread.c v6.6: kthread_park(), kthread_parkme()
// @expect all: safe
// @expect[TOO_EARLY] all: violation (assertion)
#include <ringtail.h>
#include <kthread.h>

static int low, high;

THREAD(cpuhp)
{
	kthread_begin(0);
	while (!kthread_should_park())
		assert(READ_ONCE(low) == READ_ONCE(high));
	kthread_parkme();
	assert(READ_ONCE(low) && READ_ONCE(high));
}

THREAD(hotplug)
{
#ifndef TOO_EARLY
	kthread_park(kthread(0));
#endif
	WRITE_ONCE(low, 1);
	WRITE_ONCE(high, 1);
#ifdef TOO_EARLY
	kthread_park(kthread(0));
#endif
	kthread_unpark(kthread(0));
}
