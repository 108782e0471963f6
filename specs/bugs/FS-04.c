// SPDX-License-Identifier: GPL-2.0-or-later
// Dirtying a page of an inode whose writeback has just ended: both think the other did it.
// @source fs/fs-writeback.c v3.18: __writeback_single_inode(), __mark_inode_dirty()
// @bug FS-04 9c6ac78eb352 (v4.0) writeback: fix a subtle race condition in I_DIRTY clearing
// @expect sc: safe   tso, lkmm: violation (assertion)
// @expect[FIX_FS_04] all: safe
#include <ringtail.h>
#define I_DIRTY_PAGES BIT(2)
#define PAGECACHE_TAG_DIRTY 0
struct inode { spinlock_t i_lock; unsigned long i_state; };
struct mapping { struct inode *host; unsigned long tags; };
static struct inode inode = { .i_lock = __SPIN_LOCK_UNLOCKED(inode.i_lock), .i_state = I_DIRTY_PAGES };
static struct mapping mapping = { .host = &inode };

THREAD(writeback)
{
	spin_lock(&inode.i_lock);
	unsigned long dirty = inode.i_state & I_DIRTY_PAGES;
	WRITE_ONCE(inode.i_state, inode.i_state & ~dirty);
#ifdef FIX_FS_04
	smp_mb();
#endif
	if (test_bit(PAGECACHE_TAG_DIRTY, &mapping.tags))
		WRITE_ONCE(inode.i_state, inode.i_state | I_DIRTY_PAGES);
	spin_unlock(&inode.i_lock);
}

THREAD(set_page_dirty)
{
	set_bit(PAGECACHE_TAG_DIRTY, &mapping.tags);
#ifdef FIX_FS_04
	smp_mb();
#endif
	if ((READ_ONCE(inode.i_state) & I_DIRTY_PAGES) == I_DIRTY_PAGES)
		return;
	spin_lock(&inode.i_lock);
	WRITE_ONCE(inode.i_state, inode.i_state | I_DIRTY_PAGES);
	spin_unlock(&inode.i_lock);
}
FINALLY { assert(inode.i_state & I_DIRTY_PAGES); }
