// SPDX-License-Identifier: GPL-2.0-or-later
// Reclaim looks up binder's area before it has mmap_sem, and zaps it after: munmap() may have been in between.
// @source drivers/android/binder_alloc.c v5.0: binder_alloc_free_page(), binder_alloc_vma_close(); mm/mmap.c: remove_vma()
// @bug BINDER-01 5cec2d2e5839 (v5.1) binder: fix race between munmap() and direct reclaim
// @expect all: violation (use after free)
// @expect[FIX_BINDER_01] all: safe
#include <ringtail.h>

struct mm_struct {
	atomic_t mm_users;
	struct rw_semaphore mmap_sem;
};

struct vm_area_struct {
	int ptes; /* that map one of binder's pages */
};

struct binder_alloc {
	struct mutex mutex;
	struct vm_area_struct *vma;
	struct mm_struct *vma_vm_mm;
	bool page_ptr;
};

static struct mm_struct mm = { .mm_users = ATOMIC_INIT(1) };
static struct binder_alloc alloc = { .vma_vm_mm = &mm, .page_ptr = true };

INIT
{
	struct vm_area_struct *vma = kzalloc(sizeof(*vma), GFP_KERNEL);

	init_rwsem(&mm.mmap_sem);
	mutex_init(&alloc.mutex);
	vma->ptes = 1;
	alloc.vma = vma;
}

static struct vm_area_struct *binder_alloc_get_vma(void)
{
	struct vm_area_struct *vma = NULL;

	if (READ_ONCE(alloc.vma_vm_mm)) {
		smp_rmb();
		vma = READ_ONCE(alloc.vma);
	}
	return vma;
}

static void zap_page_range(struct vm_area_struct *vma) { vma->ptes = 0; }

static int binder_alloc_free_page(void)
{
	struct mm_struct *mm = NULL;
	struct vm_area_struct *vma;
	int ret = -EAGAIN;

	if (!mutex_trylock(&alloc.mutex))
		return ret;
	if (!alloc.page_ptr)
		goto out;
#ifdef FIX_BINDER_01
	mm = alloc.vma_vm_mm;
	if (!atomic_inc_not_zero(&mm->mm_users))
		goto out;
	if (!down_write_trylock(&mm->mmap_sem))
		goto out_mmput;
	vma = binder_alloc_get_vma();
#else
	vma = binder_alloc_get_vma();
	if (vma) {
		mm = alloc.vma_vm_mm;
		if (!atomic_inc_not_zero(&mm->mm_users))
			goto out;
		if (!down_write_trylock(&mm->mmap_sem))
			goto out_mmput;
	}
#endif
	if (vma)
		zap_page_range(vma);
	if (mm)
		up_write(&mm->mmap_sem);
	alloc.page_ptr = false;
	ret = 0;
out_mmput:
	if (mm)
		atomic_dec(&mm->mm_users);
out:
	mutex_unlock(&alloc.mutex);
	return ret;
}

THREAD(munmap)
{
	struct vm_area_struct *vma;

	down_write(&mm.mmap_sem);
	vma = alloc.vma;
	zap_page_range(vma);
	WRITE_ONCE(alloc.vma, NULL); /* binder_alloc_vma_close() */
	kfree(vma);
	up_write(&mm.mmap_sem);
}

THREAD(reclaim) { binder_alloc_free_page(); }
