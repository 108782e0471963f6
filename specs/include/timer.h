// SPDX-License-Identifier: GPL-2.0-or-later
// Timers, for specs that include <timer.h>. A timer that is armed may fire at any moment, or never. It fires in an interrupt
// that the spec gives, once for each time that it may fire:
//
//	IRQ(tick) { run_timers(); }
//
// After kernel/time/timer.c v6.6: mod_timer(), timer_delete(), timer_delete_sync(), expire_timers().
#pragma once
#include <ringtail.h>

struct timer_list {
	struct hlist_node entry;
	void (*function)(struct timer_list *timer);
	unsigned long expires;
	unsigned int flags;
};

static DEFINE_SPINLOCK(__rt_timer_base);
static HLIST_HEAD(__rt_timers);
static struct timer_list *__rt_running_timer;

#define from_timer(var, callback_timer, field) container_of(callback_timer, __typeof__(*(var)), field)
#define timer_container_of(var, callback_timer, field) container_of(callback_timer, __typeof__(*(var)), field)
#define DEFINE_TIMER(name, f) struct timer_list name = { .function = (f) }

static inline void timer_setup(struct timer_list *timer, void (*function)(struct timer_list *), unsigned int flags)
{
	INIT_HLIST_NODE(&timer->entry);
	timer->function = function;
	timer->flags = flags;
}

static inline int timer_pending(const struct timer_list *timer)
{
	return !hlist_unhashed_lockless(&timer->entry);
}

// Arms it again if it was armed; returns whether it was.
static inline int __rt_mod_timer(struct timer_list *timer, bool pending_only)
{
	unsigned long flags;
	int was;

	spin_lock_irqsave(&__rt_timer_base, flags);
	was = !hlist_unhashed(&timer->entry);
	if (!was && !pending_only)
		hlist_add_head(&timer->entry, &__rt_timers);
	spin_unlock_irqrestore(&__rt_timer_base, flags);
	return was;
}

#define mod_timer(timer, expires) __rt_mod_timer(timer, false)
#define mod_timer_pending(timer, expires) __rt_mod_timer(timer, true)
#define add_timer(timer) ((void)__rt_mod_timer(timer, false))

static inline int timer_delete(struct timer_list *timer)
{
	unsigned long flags;
	int was;

	spin_lock_irqsave(&__rt_timer_base, flags);
	was = !hlist_unhashed(&timer->entry);
	hlist_del_init(&timer->entry);
	spin_unlock_irqrestore(&__rt_timer_base, flags);
	return was;
}

// Waits for its function, if that runs on another CPU.
static inline int timer_delete_sync(struct timer_list *timer)
{
	int was = timer_delete(timer);

	(void)smp_cond_load_acquire(&__rt_running_timer, VAL != timer);
	return was;
}

#define del_timer(timer) timer_delete(timer)
#define del_timer_sync(timer) timer_delete_sync(timer)
#define try_to_del_timer_sync(timer) timer_delete(timer)

static inline void run_timers(void)
{
	unsigned long flags;
	struct timer_list *timer;

	spin_lock_irqsave(&__rt_timer_base, flags);
	timer = hlist_entry_safe(__rt_timers.first, struct timer_list, entry);
	if (timer) {
		void (*function)(struct timer_list *) = timer->function;

		hlist_del_init(&timer->entry);
		WRITE_ONCE(__rt_running_timer, timer);
		spin_unlock_irqrestore(&__rt_timer_base, flags);
		function(timer); /* which may free the timer, or arm it again */
		smp_store_release(&__rt_running_timer, NULL);
		return;
	}
	spin_unlock_irqrestore(&__rt_timer_base, flags);
}
