// SPDX-License-Identifier: GPL-2.0-or-later
// The monitor of a userfaultfd fills a page of a process that forks meanwhile: it cannot know whether the child has the page.
// Events come after the mappings have changed, so a copy that ended before its event was read may have come too late.
// The commit speaks of fork(), as here; with madvise(MADV_DONTNEED), where the event comes before the pages go, a
// copy before the event is a copy before the zap.
// @source fs/userfaultfd.c v4.17: dup_userfaultfd(), userfaultfd_event_wait_completion(), userfaultfd_copy(); mm/userfaultfd.c
// @bug MADV-17 df2cc96e77011cf7989208b206da9817e0321028 (v4.18) userfaultfd: prevent non-cooperative events vs mcopy_atomic races
// @seed other: the seed has no userfaultfd_remove()
// @expect sc, tso, lkmm: violation (assertion)
// @expect[FIX_MADV_17] all: safe
#include <ringtail.h>

#define SOURCE 7 /* what the monitor copies */

static struct {
	struct rw_semaphore mmap_sem;
	int pte; /* the one page's contents; 0: not present */
} parent, child;

static struct {
	bool mmap_changing;
	int fork_event;
	struct completion read;
} ctx;

INIT { init_completion(&ctx.read); }

static void dup_mmap(void)
{
	down_write(&parent.mmap_sem);
#ifdef FIX_MADV_17
	WRITE_ONCE(ctx.mmap_changing, true); /* dup_userfaultfd() */
#endif
	WRITE_ONCE(child.pte, READ_ONCE(parent.pte)); /* copy_page_range() */
	up_write(&parent.mmap_sem);
	smp_store_release(&ctx.fork_event, 1); /* dup_userfaultfd_complete(): until the monitor has read it */
	wait_for_completion(&ctx.read);
#ifdef FIX_MADV_17
	WRITE_ONCE(ctx.mmap_changing, false);
#endif
}

static int mcopy_atomic(void)
{
	int err = 0;

	down_read(&parent.mmap_sem);
#ifdef FIX_MADV_17
	if (READ_ONCE(ctx.mmap_changing))
		err = -EAGAIN;
#endif
	if (!err)
		WRITE_ONCE(parent.pte, SOURCE);
	up_read(&parent.mmap_sem);
	return err;
}

THREAD(process) { dup_mmap(); }

THREAD(monitor)
{
	int err = mcopy_atomic(); /* UFFDIO_COPY, in the background */

	while (!smp_load_acquire(&ctx.fork_event)) /* poll() and read() */
		cpu_relax();
	/* what was copied before the event was copied before the fork */
	if (!err)
		assert(READ_ONCE(child.pte) == SOURCE);
	complete(&ctx.read);
}
