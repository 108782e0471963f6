// SPDX-License-Identifier: GPL-2.0-or-later
// The ring of a dying context is moved: mremap() tells the context its new address after the context was asked for the old one.
// @source mm/mremap.c v4.1: move_vma(); fs/aio.c v4.1: aio_ring_remap(), kill_ioctx()
// @bug AIO-18 b2edffdd912b4205899a8efa0974dfbbc3216109 (v4.1) fix mremap() vs. ioctx_kill() race
// @seed present, in an older form: there the context keeps the address that it was born with, whatever is moved
// @expect all: violation (assertion)
// @expect[FIX_AIO_18] all: safe
#include <ringtail.h>

static struct mm_struct {
	struct rw_semaphore mmap_sem;
	spinlock_t ioctx_lock;
	unsigned long ring_vma; /* where the ring is mapped; 0: nowhere */
} mm;

static struct kioctx {
	unsigned long mmap_base;
	int dead;
} ctx;

INIT { mm.ring_vma = ctx.mmap_base = 0x1000; }

static int aio_ring_remap(unsigned long start)
{
	int res = 0;

	spin_lock(&mm.ioctx_lock);
#ifdef FIX_AIO_18
	if (ctx.dead)
		res = -EINVAL;
	else
#endif
		WRITE_ONCE(ctx.mmap_base, start);
	spin_unlock(&mm.ioctx_lock);
	return res;
}

static void move_vma(unsigned long to)
{
	unsigned long from;

	down_write(&mm.mmap_sem);
	from = mm.ring_vma;
	if (from) {
		mm.ring_vma = to;
		if (aio_ring_remap(to)) /* its owner refuses: back again */
			mm.ring_vma = from;
	}
	up_write(&mm.mmap_sem);
}

static void vm_munmap(unsigned long start)
{
	down_write(&mm.mmap_sem);
	assert(mm.ring_vma == start); /* or it is somebody else's memory that goes */
	mm.ring_vma = 0;
	up_write(&mm.mmap_sem);
}

static void kill_ioctx(void)
{
	spin_lock(&mm.ioctx_lock);
	ctx.dead = 1;
	spin_unlock(&mm.ioctx_lock);
	vm_munmap(READ_ONCE(ctx.mmap_base));
}

THREAD(mremap) { move_vma(0x2000); }
THREAD(destroy) { kill_ioctx(); }
