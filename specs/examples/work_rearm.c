// SPDX-License-Identifier: GPL-2.0-or-later
// Work that queues itself again: cancel_delayed_work() takes it back where it is queued, not where it runs.
// @expect all: violation (use after free)
// @expect[FIX_SYNC] all: safe
#include <ringtail.h>
#include <workqueue.h>

struct hub {
	struct delayed_work leds;
	int n;
};

static struct hub *hub;

static void led_work(struct work_struct *work)
{
	struct hub *h = container_of(work, struct hub, leds.work);

	if (READ_ONCE(h->n) < 2) {
		WRITE_ONCE(h->n, h->n + 1);
		schedule_delayed_work(&h->leds, 2 * HZ);
	}
}

INIT
{
	hub = kzalloc(sizeof(*hub), GFP_KERNEL);
	INIT_DELAYED_WORK(&hub->leds, led_work);
	schedule_delayed_work(&hub->leds, 2 * HZ);
}

THREAD(kworker) { run_workqueue(); }

THREAD(disconnect)
{
#ifdef FIX_SYNC
	cancel_delayed_work_sync(&hub->leds);
#else
	cancel_delayed_work(&hub->leds);
#endif
	kfree(hub);
	stop_workqueue();
}
