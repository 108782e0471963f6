// SPDX-License-Identifier: GPL-2.0-or-later
// A thread that waits in a read-side critical section holds up grace periods, and with them what would let it go.
// @expect all: safe
// @expect[SYNC] all: violation (deadlock)
// @expect[CALLBACK] all: violation (deadlock)
// @expect[BRIEF,SYNC] all: safe
// @expect[CROSS] all: violation (deadlock)
// @expect[MUTEX] all: violation (deadlock)
#include <ringtail.h>

static int flag;
static struct rcu_head head;
DEFINE_SRCU(one);
DEFINE_SRCU(two);
static DEFINE_MUTEX(lock);

static void set(struct rcu_head *unused)
{
	WRITE_ONCE(flag, 1);
}

#ifdef CROSS
THREAD(a)
{
	int idx = srcu_read_lock(&one);

	synchronize_srcu(&two);
	srcu_read_unlock(&one, idx);
}

THREAD(b)
{
	int idx = srcu_read_lock(&two);

	synchronize_srcu(&one);
	srcu_read_unlock(&two, idx);
}
#elif defined(MUTEX)
THREAD(a)
{
	int idx = srcu_read_lock(&one);

	mutex_lock(&lock);
	mutex_unlock(&lock);
	srcu_read_unlock(&one, idx);
}

THREAD(b)
{
	mutex_lock(&lock);
	synchronize_srcu(&one);
	mutex_unlock(&lock);
}
#else
THREAD(reader)
{
#ifdef BRIEF
	bool done;

	do {
		rcu_read_lock();
		done = READ_ONCE(flag);
		rcu_read_unlock();
	} while (!done);
#else
	rcu_read_lock();
	while (!READ_ONCE(flag))
		cpu_relax();
	rcu_read_unlock();
#endif
}

THREAD(writer)
{
#ifdef SYNC
	synchronize_rcu();
	set(NULL);
#elif defined(CALLBACK)
	call_rcu(&head, set);
#else
	set(NULL);
	synchronize_rcu();
#endif
}
#endif

FINALLY
{
	assert(flag <= 1);
}
