// SPDX-License-Identifier: GPL-2.0-or-later
// munmap() goes on with mmap_lock for read only; the stack above the hole grows into it meanwhile, and loses its page.
// @source mm/mmap.c v5.7: __do_munmap(), detach_vmas_to_be_unmapped(), expand_downwards()
// @bug MM-01 246c320a8cfe (v5.8) mm/mmap.c: close race between munmap() and expand_upwards()/downwards()
// @expect all: violation (assertion)
// @expect[FIX_MM_01] all: safe
#include <ringtail.h>

#define VM_GROWSDOWN 0x100UL
#define HOLE 1 /* the page that is unmapped */

struct vm_area_struct { unsigned long vm_start, vm_end, vm_flags; };

static struct vm_area_struct stack = { HOLE + 1, HOLE + 2, VM_GROWSDOWN };
static DECLARE_RWSEM(mmap_lock);
static DEFINE_SPINLOCK(page_table_lock);
static int pte[HOLE + 2] = { 0, 1, 1 };
static bool detached;

/* Whether the lock may be downgraded: not where a neighbour can grow. */
static bool detach_vmas_to_be_unmapped(void)
{
	detached = true;
#ifdef FIX_MM_01
	if (stack.vm_flags & VM_GROWSDOWN)
		return false;
#endif
	return true;
}

THREAD(munmap)
{
	bool downgrade;

	down_write(&mmap_lock);
	downgrade = detach_vmas_to_be_unmapped();
	if (downgrade)
		downgrade_write(&mmap_lock);
	WRITE_ONCE(pte[HOLE], 0); /* unmap_region() */
	if (downgrade)
		up_read(&mmap_lock);
	else
		up_write(&mmap_lock);
}

THREAD(fault)
{
	down_read(&mmap_lock);
	if (detached) {
		spin_lock(&page_table_lock); /* expand_downwards() */
		stack.vm_start = HOLE;
		spin_unlock(&page_table_lock);
		WRITE_ONCE(pte[HOLE], 7); /* handle_mm_fault() */
		assert(READ_ONCE(pte[HOLE]) == 7);
	}
	up_read(&mmap_lock);
}
