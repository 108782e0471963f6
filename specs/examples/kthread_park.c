// SPDX-License-Identifier: GPL-2.0-or-later
// What a kernel thread works on is changed while the thread is parked; who does not wait until it is, changes it beside the work.
// @source kernel/kthread.c v6.6: kthread_park(), kthread_parkme()
// @expect all: safe
// @expect[NO_WAIT] all: violation (assertion)
#include <ringtail.h>
#include <kthread.h>

static int low, high;

THREAD(cpuhp)
{
	int rounds = 0;

	kthread_begin(0);
	while (!kthread_should_stop() && rounds++ < 2) {
		if (kthread_should_park()) {
			kthread_parkme();
			continue;
		}
		assert(READ_ONCE(low) == READ_ONCE(high));
	}
	while (!kthread_should_stop()) {
		if (kthread_should_park())
			kthread_parkme();
		cpu_relax();
	}
	kthread_end();
}

THREAD(hotplug)
{
#ifndef NO_WAIT
	kthread_park(kthread(0));
#endif
	WRITE_ONCE(low, 1);
	WRITE_ONCE(high, 1);
	kthread_unpark(kthread(0));
	kthread_stop(kthread(0));
}
