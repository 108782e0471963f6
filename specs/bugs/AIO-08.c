// SPDX-License-Identifier: GPL-2.0-or-later
// The last reference of a context is dropped by a worker, who unmaps the ring then, while the process that had it exits.
// exit_aio() has waited for the requests, and the worker has told that his is done before he drops his reference.
// @source fs/aio.c v3.2: aio_fput_routine(), __put_ioctx(), aio_free_ring(), exit_aio(); mm/mmap.c v3.2: exit_mmap()
// @bug AIO-08 (v3.3) aio: fix the "too late munmap()" race
// @seed fixed: exit_aio() unmaps the ring's area with the rest, and nobody but the owner drops a last reference
// Evidence: subject and author are certain, the commit's hash is not, so none is named.
// @expect sc, tso: violation (use after free)   lkmm: violation
// @expect[FIX_AIO_08] all: safe
#include <ringtail.h>

struct vm_area_struct {
	struct vm_area_struct *vm_next;
	bool is_ring;
};

static struct mm_struct {
	struct rw_semaphore mmap_sem;
	struct vm_area_struct *mmap;
} mm;

static struct kioctx {
	atomic_t users;
	spinlock_t ctx_lock;
	int reqs_active;
	wait_queue_head_t wait;
	bool mapped;
} ctx;

INIT
{
	mm.mmap = kzalloc(sizeof(*mm.mmap), GFP_KERNEL);
	mm.mmap->vm_next = kzalloc(sizeof(*mm.mmap), GFP_KERNEL);
	mm.mmap->vm_next->is_ring = true;
	ctx.mapped = true;
	init_waitqueue_head(&ctx.wait);
	ctx.reqs_active = 1;
	atomic_set(&ctx.users, 2); /* the list's, and the request's that is being put */
}

static void aio_free_ring(void)
{
	struct vm_area_struct **link = &mm.mmap, *vma;

	if (!ctx.mapped)
		return;
	down_write(&mm.mmap_sem); /* do_munmap() */
	while ((vma = *link) && !vma->is_ring)
		link = &vma->vm_next;
	if (vma) {
		*link = vma->vm_next;
		kfree(vma);
	}
	up_write(&mm.mmap_sem);
}

static void put_ioctx(void)
{
	if (atomic_dec_and_test(&ctx.users))
		aio_free_ring();
}

static void kill_ctx(void)
{
	spin_lock_irq(&ctx.ctx_lock);
	while (ctx.reqs_active) {
		DEFINE_WAIT(wait);

		prepare_to_wait(&ctx.wait, &wait, TASK_UNINTERRUPTIBLE);
		spin_unlock_irq(&ctx.ctx_lock);
		schedule();
		finish_wait(&ctx.wait, &wait);
		spin_lock_irq(&ctx.ctx_lock);
	}
	spin_unlock_irq(&ctx.ctx_lock);
}

THREAD(exit)
{
	struct vm_area_struct *vma;

	kill_ctx(); /* exit_aio() */
#ifdef FIX_AIO_08
	ctx.mapped = false; /* it goes with the other areas: the last put unmaps nothing */
#endif
	put_ioctx();
	while ((vma = mm.mmap)) { /* exit_mmap(): nobody else has the mm */
		mm.mmap = vma->vm_next;
		kfree(vma);
	}
}

THREAD(worker) /* aio_fput_routine() */
{
	spin_lock_irq(&ctx.ctx_lock);
	ctx.reqs_active--; /* really_put_req() */
	wake_up_all(&ctx.wait);
	spin_unlock_irq(&ctx.ctx_lock);
	put_ioctx();
}
