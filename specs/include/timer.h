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
	bool shutdown;
};

static DEFINE_SPINLOCK(__rt_timer_base);
static HLIST_HEAD(__rt_timers);
static struct timer_list *__rt_running_timers[2]; /* on two CPUs at most, and never the same on both */

#define from_timer(var, callback_timer, field) container_of(callback_timer, __typeof__(*(var)), field)
#define timer_container_of(var, callback_timer, field) container_of(callback_timer, __typeof__(*(var)), field)
#define DEFINE_TIMER(name, f) struct timer_list name = { .function = (f) }

static inline void timer_setup(struct timer_list *timer, void (*function)(struct timer_list *), unsigned int flags)
{
	INIT_HLIST_NODE(&timer->entry);
	timer->function = function;
	timer->flags = flags;
	timer->shutdown = false;
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
	if (!was && !pending_only && !timer->shutdown)
		hlist_add_head(&timer->entry, &__rt_timers);
	spin_unlock_irqrestore(&__rt_timer_base, flags);
	return was;
}

#define mod_timer(timer, expires) __rt_mod_timer(timer, false)
#define mod_timer_pending(timer, expires) __rt_mod_timer(timer, true)
#define timer_reduce(timer, expires) __rt_mod_timer(timer, false)
#define add_timer(timer) ((void)__rt_mod_timer(timer, false))

static inline int __rt_timer_delete(struct timer_list *timer, bool shutdown)
{
	unsigned long flags;
	int was;

	spin_lock_irqsave(&__rt_timer_base, flags);
	was = !hlist_unhashed(&timer->entry);
	hlist_del_init(&timer->entry);
	if (shutdown)
		timer->shutdown = true;
	spin_unlock_irqrestore(&__rt_timer_base, flags);
	return was;
}

// Waits for its function, if that runs on another CPU.
static inline int __rt_timer_delete_sync(struct timer_list *timer, bool shutdown)
{
	int was = __rt_timer_delete(timer, shutdown);

	(void)smp_cond_load_acquire(&__rt_running_timers[0], VAL != timer);
	(void)smp_cond_load_acquire(&__rt_running_timers[1], VAL != timer);
	return was;
}

// Does nothing while its function runs, and returns -1.
static inline int timer_delete_sync_try(struct timer_list *timer)
{
	unsigned long flags;
	int was = -1;

	spin_lock_irqsave(&__rt_timer_base, flags);
	if (smp_load_acquire(&__rt_running_timers[0]) != timer && smp_load_acquire(&__rt_running_timers[1]) != timer) {
		was = !hlist_unhashed(&timer->entry);
		hlist_del_init(&timer->entry);
	}
	spin_unlock_irqrestore(&__rt_timer_base, flags);
	return was;
}

#define timer_delete(timer) __rt_timer_delete(timer, false)
#define timer_delete_sync(timer) __rt_timer_delete_sync(timer, false)
// After these it is not armed any more (v6.2).
#define timer_shutdown(timer) __rt_timer_delete(timer, true)
#define timer_shutdown_sync(timer) __rt_timer_delete_sync(timer, true)
#define del_timer(timer) timer_delete(timer)
#define del_timer_sync(timer) timer_delete_sync(timer)
#define try_to_del_timer_sync(timer) timer_delete_sync_try(timer)

static inline void run_timers(void)
{
	unsigned long flags;
	struct timer_list *timer, *first, *second;

	spin_lock_irqsave(&__rt_timer_base, flags);
	timer = hlist_entry_safe(__rt_timers.first, struct timer_list, entry);
	first = READ_ONCE(__rt_running_timers[0]);
	second = READ_ONCE(__rt_running_timers[1]);
	if (timer && timer != first && timer != second && !(first && second)) {
		struct timer_list **running = &__rt_running_timers[first ? 1 : 0];
		void (*function)(struct timer_list *) = timer->function;

		hlist_del_init(&timer->entry);
		WRITE_ONCE(*running, timer);
		spin_unlock_irqrestore(&__rt_timer_base, flags);
		function(timer); /* which may free the timer, or arm it again */
		smp_store_release(running, NULL);
		return;
	}
	spin_unlock_irqrestore(&__rt_timer_base, flags);
}
