// SPDX-License-Identifier: GPL-2.0-or-later
// One timer. It may fire at any moment after add_timer(), or never; del_timer_sync() takes it back, and waits for its
// function if that runs on another CPU (here: the function runs under the lock that del_timer_sync() takes). A scenario with
// a timer has an interrupt, IRQ(name) { run_timer(); }.
// @source kernel/timer.c v3.6: add_timer(), del_timer_sync(), run_timer_softirq()
#pragma once
#include <ringtail.h>

struct timer_list {
	void (*function)(unsigned long data);
	unsigned long data;
};

static DEFINE_SPINLOCK(timer_base_lock);
static struct timer_list *pending_timer;

static inline void setup_timer(struct timer_list *timer, void (*function)(unsigned long), unsigned long data)
{
	timer->function = function;
	timer->data = data;
}

static inline void add_timer(struct timer_list *timer)
{
	spin_lock_irq(&timer_base_lock);
	pending_timer = timer;
	spin_unlock_irq(&timer_base_lock);
}

static inline void del_timer_sync(struct timer_list *timer)
{
	spin_lock_irq(&timer_base_lock);
	if (pending_timer == timer)
		pending_timer = NULL;
	spin_unlock_irq(&timer_base_lock);
}

static inline void run_timer(void)
{
	spin_lock(&timer_base_lock);
	if (pending_timer) {
		struct timer_list *timer = pending_timer;

		pending_timer = NULL;
		timer->function(timer->data);
	}
	spin_unlock(&timer_base_lock);
}
