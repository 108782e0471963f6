// SPDX-License-Identifier: GPL-2.0-or-later
// A waiter that gives up clears the waiters' bit of a word that the owner's fast unlock has just set to zero.
// @source kernel/locking/rtmutex.c v4.8: fixup_rt_mutex_waiters(), rt_mutex_fastunlock()
// @bug LOCK-01 dbb26055defd03d59f678cb5f2c992abe05b064a (v4.9) locking/rtmutex: Prevent dequeue vs. unlock race
// @expect all: violation (assertion)
// @expect[FIX_LOCK_01] all: safe
#include <ringtail.h>

#define RT_MUTEX_HAS_WAITERS 1UL
struct rt_mutex {
	raw_spinlock_t wait_lock;
	int nr_waiters;
	unsigned long owner;
};
static struct rt_mutex lock = { .owner = 0x100 | RT_MUTEX_HAS_WAITERS, .nr_waiters = 1 };
static int owners = 1;

/* the waiter's time is up: dequeued, and the bit is taken back */
static void fixup_rt_mutex_waiters(struct rt_mutex *lock)
{
	unsigned long owner;

	if (lock->nr_waiters)
		return;
	owner = READ_ONCE(lock->owner);
#ifdef FIX_LOCK_01
	if (owner & RT_MUTEX_HAS_WAITERS)
		WRITE_ONCE(lock->owner, owner & ~RT_MUTEX_HAS_WAITERS);
#else
	WRITE_ONCE(lock->owner, owner & ~RT_MUTEX_HAS_WAITERS);
#endif
}

THREAD(waiter)
{
	raw_spin_lock(&lock.wait_lock);
	lock.nr_waiters--;
	fixup_rt_mutex_waiters(&lock);
	raw_spin_unlock(&lock.wait_lock);
	raw_spin_lock(&lock.wait_lock);
	fixup_rt_mutex_waiters(&lock);
	raw_spin_unlock(&lock.wait_lock);
}

THREAD(owner)
{
	/* rt_mutex_unlock(), fast path */
	if (cmpxchg_release(&lock.owner, 0x100UL, 0UL) == 0x100UL)
		WRITE_ONCE(owners, 0);
}

FINALLY
{
	assert((owners == 0) == ((lock.owner & ~RT_MUTEX_HAS_WAITERS) == 0));
}
