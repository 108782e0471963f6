// SPDX-License-Identifier: GPL-2.0-or-later
// Beacons are stopped: the timer is waited for under the lock that its handler takes.
// @source drivers/staging/rtl8192u/ieee80211/ieee80211_softmac.c v5.18: ieee80211_send_beacon_cb(),
//   ieee80211_beacons_stop()
// @bug WIFI-01 806c7b53414934ba2a39449b31fd1a038e500273 (v5.19) drivers: staging: rtl8192u: Fix deadlock in ieee80211_beacons_stop()
// @expect all: violation (deadlock)
// @expect[FIX_WIFI_01] all: safe
#include <ringtail.h>
#include <timer.h>

static struct ieee80211_device {
	spinlock_t beacon_lock;
	struct timer_list beacon_timer;
	u8 beacon_txing : 1, ieee_up : 1;
	u16 seq_ctrl[2];
} *ieee;

static void ieee80211_send_beacon_cb(struct timer_list *t)
{
	struct ieee80211_device *ieee = from_timer(ieee, t, beacon_timer);
	unsigned long flags;

	spin_lock_irqsave(&ieee->beacon_lock, flags);
	ieee->seq_ctrl[0] = ieee->seq_ctrl[0] == 0xfff ? 0 : ieee->seq_ctrl[0] + 1;
	if (ieee->beacon_txing && ieee->ieee_up)
		mod_timer(&ieee->beacon_timer, jiffies + msecs_to_jiffies(95));
	spin_unlock_irqrestore(&ieee->beacon_lock, flags);
}

INIT
{
	ieee = kzalloc(sizeof *ieee, GFP_KERNEL);
	spin_lock_init(&ieee->beacon_lock);
	timer_setup(&ieee->beacon_timer, ieee80211_send_beacon_cb, 0);
	ieee->beacon_txing = ieee->ieee_up = 1;
	add_timer(&ieee->beacon_timer);
}

static void ieee80211_beacons_stop(struct ieee80211_device *ieee)
{
	unsigned long flags;

	spin_lock_irqsave(&ieee->beacon_lock, flags);
	ieee->beacon_txing = 0;
#ifdef FIX_WIFI_01
	spin_unlock_irqrestore(&ieee->beacon_lock, flags);
	del_timer_sync(&ieee->beacon_timer);
#else
	del_timer_sync(&ieee->beacon_timer);
	spin_unlock_irqrestore(&ieee->beacon_lock, flags);
#endif
}

THREAD(stop)
{
	ieee80211_beacons_stop(ieee);
	kfree(ieee);
}

IRQ(softirq) { run_timers(); }
