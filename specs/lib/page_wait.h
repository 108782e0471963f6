// SPDX-License-Identifier: GPL-2.0-or-later
// The page lock as a bit and a hashed wait queue, from the kernel's steps: who finds the bit taken queues up, looks again and
// sleeps; who clears it looks whether somebody is queued and wakes the first. Pages share a queue, so that the waker names
// page and bit (a key) and the sleeper's function passes on what is not meant for it.
// @source mm/filemap.c, kernel/wait.c v2.6.20: __lock_page(), unlock_page(), wait_on_page_bit(), wake_bit_function()
#pragma once

struct wait_bit_key {
	void *flags;
	int bit_nr;
};

struct wait_bit_queue {
	struct wait_bit_key key;
	wait_queue_entry_t wait;
};

static DECLARE_WAIT_QUEUE_HEAD(page_wait_table); /* every page hashes to it */

#define page_waitqueue(page) (&page_wait_table)

static inline int wake_bit_function(wait_queue_entry_t *wait, unsigned int mode, int sync, void *arg)
{
	struct wait_bit_key *key = arg;
	struct wait_bit_queue *wait_bit = container_of(wait, struct wait_bit_queue, wait);

	if (wait_bit->key.flags != key->flags || wait_bit->key.bit_nr != key->bit_nr || test_bit(key->bit_nr, key->flags))
		return 0;
	return autoremove_wake_function(wait, mode, sync, key);
}

#define DEFINE_WAIT_BIT(name, word, bit) \
	struct wait_bit_queue name = { \
		.key = { .flags = (word), .bit_nr = (bit) }, \
		.wait = { .private = current, .func = wake_bit_function, .entry = LIST_HEAD_INIT((name).wait.entry) }, \
	}

static inline void wake_up_page(struct page *page, int bit)
{
	struct wait_bit_key key = { .flags = &page->flags, .bit_nr = bit };

	if (waitqueue_active(page_waitqueue(page)))
		__wake_up(page_waitqueue(page), TASK_NORMAL, 1, &key);
}

static inline void wait_on_page_bit(struct page *page, int bit)
{
	DEFINE_WAIT_BIT(wait, &page->flags, bit);

	if (!test_bit(bit, &page->flags))
		return;
	do {
		prepare_to_wait(page_waitqueue(page), &wait.wait, TASK_UNINTERRUPTIBLE);
		if (test_bit(bit, &page->flags))
			io_schedule();
	} while (test_bit(bit, &page->flags));
	finish_wait(page_waitqueue(page), &wait.wait);
}

static inline void __lock_page(struct page *page)
{
	DEFINE_WAIT_BIT(wait, &page->flags, PG_locked);

	do {
		prepare_to_wait_exclusive(page_waitqueue(page), &wait.wait, TASK_UNINTERRUPTIBLE);
		if (test_bit(PG_locked, &page->flags))
			io_schedule();
	} while (test_and_set_bit(PG_locked, &page->flags));
	finish_wait(page_waitqueue(page), &wait.wait);
}

static inline void lock_page(struct page *page)
{
	might_sleep();
	if (test_and_set_bit(PG_locked, &page->flags))
		__lock_page(page);
}

static inline void unlock_page(struct page *page)
{
#ifdef NO_UNLOCK_BARRIER
	clear_bit_unlock(PG_locked, &page->flags);
#else
	smp_mb__before_atomic();
	if (!test_and_clear_bit(PG_locked, &page->flags))
		BUG();
	smp_mb__after_atomic();
#endif
	wake_up_page(page, PG_locked);
}
