// SPDX-License-Identifier: GPL-2.0-or-later
// A hole is punched into a file of tmpfs while somebody touches it: each page that is removed comes back by a fault, and
// the punch, which goes over the hole until it finds nothing, does not end; it holds i_mutex meanwhile.
// What must hold is that a faulting thread brings in one page at most after the hole was announced: the one it was about to.
// @source mm/shmem.c v3.15: shmem_fault(), shmem_fallocate(), shmem_undo_range(); with the wait queue of 8e205f779d14 (v3.16)
// @bug MADV-14 f00cdc6df7d7cfcabb5b740911e6788cb0802bdb (v3.16) shmem: fix faulting into a hole while it's punched (CVE-2014-4171)
// @seed other: the seed calls it, madvise_remove() by vfs_fallocate()
// @expect all: violation (assertion)
// @expect[FIX_MADV_14] all: safe
#include <ringtail.h>

#define NR_TOUCHES 2
#define NR_PASSES 2 /* that find a page: the one that was there, and one by the one thread that faults */

struct shmem_falloc {
	wait_queue_head_t *waitq; /* faults into the hole wait here */
	unsigned long start, next;
};

static struct {
	spinlock_t i_lock;
	struct mutex i_mutex;
	struct shmem_falloc *i_private;
} inode;

static DEFINE_SPINLOCK(tree_lock);
static int page_present = 1; /* the one page of the hole */

/* Removes what is there until a whole pass finds nothing. */
static void shmem_undo_range(void)
{
	int passes = 0;

	while (READ_ONCE(page_present)) { /* find_get_entries() */
		assert(passes++ < NR_PASSES);
		spin_lock(&tree_lock);
		WRITE_ONCE(page_present, 0);
		spin_unlock(&tree_lock);
		cond_resched();
	}
}

static void shmem_punch_hole(void)
{
#ifdef FIX_MADV_14
	DECLARE_WAIT_QUEUE_HEAD(shmem_falloc_waitq);
	struct shmem_falloc shmem_falloc = { .waitq = &shmem_falloc_waitq, .start = 0, .next = 1 };
#endif

	mutex_lock(&inode.i_mutex);
#ifdef FIX_MADV_14
	spin_lock(&inode.i_lock);
	WRITE_ONCE(inode.i_private, &shmem_falloc);
	spin_unlock(&inode.i_lock);
#endif
	shmem_undo_range();
#ifdef FIX_MADV_14
	spin_lock(&inode.i_lock);
	WRITE_ONCE(inode.i_private, NULL);
	wake_up_all(&shmem_falloc_waitq);
	spin_unlock(&inode.i_lock);
#endif
	mutex_unlock(&inode.i_mutex);
}

/* Whether the page is there now; if not, the user tries again. */
static bool shmem_fault(unsigned long pgoff)
{
#ifdef FIX_MADV_14
	if (READ_ONCE(inode.i_private)) {
		struct shmem_falloc *shmem_falloc;

		spin_lock(&inode.i_lock);
		shmem_falloc = inode.i_private;
		if (shmem_falloc && pgoff >= shmem_falloc->start && pgoff < shmem_falloc->next) {
			wait_queue_head_t *waitq = shmem_falloc->waitq;
			DEFINE_WAIT(shmem_fault_wait);

			prepare_to_wait(waitq, &shmem_fault_wait, TASK_UNINTERRUPTIBLE);
			spin_unlock(&inode.i_lock);
			schedule();
			/* the queue lay on the stack of who punched; finish_wait() does not look at it then */
			spin_lock(&inode.i_lock);
			finish_wait(waitq, &shmem_fault_wait);
			spin_unlock(&inode.i_lock);
			return false;
		}
		spin_unlock(&inode.i_lock);
	}
#else
	(void)pgoff;
#endif
	spin_lock(&tree_lock); /* shmem_getpage() */
	if (!page_present)
		WRITE_ONCE(page_present, 1);
	spin_unlock(&tree_lock);
	return true;
}

THREAD(punch) { shmem_punch_hole(); }

THREAD(user)
{
	int i;

	for (i = 0; i < NR_TOUCHES; i++)
		while (!shmem_fault(0))
			;
}
