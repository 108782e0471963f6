// SPDX-License-Identifier: GPL-2.0-or-later
// A device with a timer that queues work: whoever removes it stops the timer, then the work, then frees. In the other order
// the timer queues the work again; without waiting for the work, it runs on freed memory.
// @expect all: safe
// @expect[WORK_FIRST] all: violation (use after free)
// @expect[NO_SYNC] all: violation (use after free)
#include <ringtail.h>
#include <timer.h>
#include <workqueue.h>

struct device {
	struct timer_list watchdog;
	struct work_struct reset;
	int resets;
};

static struct device *device;

static void device_reset(struct work_struct *work)
{
	container_of(work, struct device, reset)->resets++;
}

static void device_watchdog(struct timer_list *timer)
{
	struct device *d = from_timer(d, timer, watchdog);

	schedule_work(&d->reset);
}

INIT
{
	device = kzalloc(sizeof(*device), GFP_KERNEL);
	timer_setup(&device->watchdog, device_watchdog, 0);
	INIT_WORK(&device->reset, device_reset);
	mod_timer(&device->watchdog, HZ);
}

THREAD(remove)
{
#ifdef WORK_FIRST
	cancel_work_sync(&device->reset);
	timer_delete_sync(&device->watchdog);
#elif defined(NO_SYNC)
	timer_delete_sync(&device->watchdog);
	cancel_work(&device->reset);
#else
	timer_delete_sync(&device->watchdog);
	cancel_work_sync(&device->reset);
#endif
	kfree(device);
	stop_workqueue();
}

THREAD(kworker) { run_workqueue(); }
IRQ(tick) { run_timers(); }
