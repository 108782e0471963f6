// SPDX-License-Identifier: GPL-2.0-or-later
// References that cost nothing until they are killed, for specs that include <percpu_ref.h>. A get does not look at the count
// before percpu_ref_kill(), and every CPU has seen that only after a grace period; then the first reference is dropped,
// and whoever drops the last one calls release().
// After lib/percpu-refcount.c v6.6: percpu_ref_tryget_live(), percpu_ref_put(), percpu_ref_kill_and_confirm(),
// percpu_ref_switch_to_atomic_rcu(). The counts of CPUs are one atomic here, which nobody compares with zero before the kill.
#pragma once
#include <ringtail.h>

#define __RT_REF_ATOMIC 1UL
#define __RT_REF_DEAD 2UL

struct percpu_ref;
typedef void (percpu_ref_func_t)(struct percpu_ref *);

struct percpu_ref {
	unsigned long percpu_count_ptr; /* what kind of count it is */
	atomic_long_t count;
	percpu_ref_func_t *release, *confirm_switch;
	int switching; /* a grace period is under way */
	struct rcu_head rcu;
};

#define PERCPU_REF_INIT_ATOMIC 1
#define PERCPU_REF_ALLOW_REINIT 4

static inline int percpu_ref_init(struct percpu_ref *ref, percpu_ref_func_t *release, unsigned int flags, gfp_t gfp)
{
	(void)gfp;
	ref->percpu_count_ptr = flags & PERCPU_REF_INIT_ATOMIC ? __RT_REF_ATOMIC : 0;
	atomic_long_set(&ref->count, 1);
	ref->release = release;
	ref->confirm_switch = NULL;
	ref->switching = 0;
	return 0;
}

#define percpu_ref_exit(ref) do { } while (0)

static inline bool percpu_ref_is_dying(struct percpu_ref *ref)
{
	return READ_ONCE(ref->percpu_count_ptr) & __RT_REF_DEAD;
}

static inline bool percpu_ref_is_zero(struct percpu_ref *ref)
{
	return READ_ONCE(ref->percpu_count_ptr) && !atomic_long_read(&ref->count);
}

static inline void percpu_ref_get_many(struct percpu_ref *ref, unsigned long nr)
{
	rcu_read_lock();
	atomic_long_add((long)nr, &ref->count);
	rcu_read_unlock();
}

#define percpu_ref_get(ref) percpu_ref_get_many(ref, 1)

static inline bool percpu_ref_tryget(struct percpu_ref *ref)
{
	bool got = true;

	rcu_read_lock();
	if (!READ_ONCE(ref->percpu_count_ptr))
		atomic_long_inc(&ref->count);
	else
		got = atomic_long_inc_not_zero(&ref->count);
	rcu_read_unlock();
	return got;
}

static inline bool percpu_ref_tryget_live(struct percpu_ref *ref)
{
	unsigned long kind;
	bool got = false;

	rcu_read_lock();
	kind = READ_ONCE(ref->percpu_count_ptr);
	if (!kind) {
		atomic_long_inc(&ref->count);
		got = true;
	} else if (!(kind & __RT_REF_DEAD)) {
		got = atomic_long_inc_not_zero(&ref->count);
	}
	rcu_read_unlock();
	return got;
}

static inline void percpu_ref_put_many(struct percpu_ref *ref, unsigned long nr)
{
	rcu_read_lock();
	if (atomic_long_sub_and_test((long)nr, &ref->count))
		ref->release(ref);
	rcu_read_unlock();
}

#define percpu_ref_put(ref) percpu_ref_put_many(ref, 1)

static inline void __rt_ref_switched(struct rcu_head *rcu)
{
	struct percpu_ref *ref = container_of(rcu, struct percpu_ref, rcu);

	if (ref->confirm_switch)
		ref->confirm_switch(ref);
	smp_store_release(&ref->switching, 0);
	percpu_ref_put(ref);
}

static inline void percpu_ref_kill_and_confirm(struct percpu_ref *ref, percpu_ref_func_t *confirm_kill)
{
	WARN_ON_ONCE(percpu_ref_is_dying(ref));
	ref->confirm_switch = confirm_kill;
	WRITE_ONCE(ref->switching, 1);
	WRITE_ONCE(ref->percpu_count_ptr, __RT_REF_ATOMIC | __RT_REF_DEAD);
	call_rcu(&ref->rcu, __rt_ref_switched);
}

#define percpu_ref_kill(ref) percpu_ref_kill_and_confirm(ref, NULL)

// Alive again: after the switch of the kill that went before.
static inline void percpu_ref_resurrect(struct percpu_ref *ref)
{
	WARN_ON_ONCE(!percpu_ref_is_dying(ref));
	might_sleep();
	(void)smp_cond_load_acquire(&ref->switching, !VAL);
	percpu_ref_get(ref);
	smp_store_release(&ref->percpu_count_ptr, 0);
}

static inline void percpu_ref_reinit(struct percpu_ref *ref)
{
	WARN_ON_ONCE(!percpu_ref_is_zero(ref));
	percpu_ref_resurrect(ref);
}
