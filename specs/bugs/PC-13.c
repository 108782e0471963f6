// SPDX-License-Identifier: GPL-2.0-or-later
// Whoever unlocks a page looks whether anybody waits for it: in a bit beside the lock, so that one instruction does both.
// No bug, but an optimisation that must be right, with what makes it wrong: the two in separate words, and nothing between
// the store to the one and the look at the other.
// @source include/linux/page-flags.h, mm/filemap.c v4.10: PageWaiters(), unlock_page(), clear_bit_unlock_is_negative_byte()
// The commits are 62906027091f (v4.10), mm: add PageWaiters, and b91e1302ad9b (v4.10), mm: optimize PageWaiters bit use.
// @expect all: safe
// @expect[TWO_WORDS] sc: safe   tso, lkmm: violation (lost wakeup)
// @expect[TWO_WORDS, FULL_BARRIER] all: safe
// @expect[NO_SECOND_LOOK] all: violation (lost wakeup)
#include <ringtail.h>

#define PG_locked 0
#define PG_waiters 7

static unsigned long flags = BIT(PG_locked);
#ifdef TWO_WORDS
static unsigned long waiters;
#else
#define waiters flags
#endif
static DECLARE_WAIT_QUEUE_HEAD(page_wait);

static void unlock_page(void)
{
#ifdef TWO_WORDS
	smp_store_release(&flags, 0UL);
#ifdef FULL_BARRIER
	smp_mb();
#endif
	if (test_bit(PG_waiters, &waiters))
		wake_up_all(&page_wait);
#else
	/* clear_bit_unlock_is_negative_byte() */
	if (atomic_long_fetch_andnot_release(BIT(PG_locked), (atomic_long_t *)&flags) & BIT(PG_waiters))
		wake_up_all(&page_wait);
#endif
}

static void lock_page(void)
{
	DEFINE_WAIT(wait);

	for (;;) {
		prepare_to_wait_exclusive(&page_wait, &wait, TASK_UNINTERRUPTIBLE);
		set_bit(PG_waiters, &waiters); /* under the queue's lock in the kernel */
		smp_mb__after_atomic();
#ifndef NO_SECOND_LOOK
		if (!test_and_set_bit(PG_locked, &flags))
			break;
#endif
		schedule();
#ifdef NO_SECOND_LOOK
		if (!test_and_set_bit(PG_locked, &flags))
			break;
#endif
	}
	finish_wait(&page_wait, &wait);
}

THREAD(owner) { unlock_page(); }
THREAD(waiter) { lock_page(); }
