// SPDX-License-Identifier: GPL-2.0-or-later
// MADV_DONTNEED of a whole area of huge pages ends like munmap(), and takes the lock away that faults on the area take.
// @source mm/hugetlb.c v6.1-rc5: __unmap_hugepage_range_final(), hugetlb_vma_lock_free(), hugetlb_fault()
// @bug MADV-16 04ada095dcfc4ae359418053c0be94453bdf1e84 (v6.1) hugetlb: don't delete vma_lock in hugetlb MADV_DONTNEED processing
// @seed other: the seed refuses MADV_DONTNEED for huge pages
// @expect all: violation (use after free)
// @expect[FIX_MADV_16] all: safe
#include <ringtail.h>

#define VM_MAYSHARE 0x80UL
#define ZAP_FLAG_UNMAP 2u

struct hugetlb_vma_lock {
	struct kref refs;
	struct rw_semaphore rw_sema;
	struct vm_area_struct *vma;
};

struct vm_area_struct {
	unsigned long vm_flags;
	struct hugetlb_vma_lock *vm_private_data;
};

static struct rw_semaphore mmap_lock;
static struct vm_area_struct vma;
static int present; /* its one page */

INIT
{
	struct hugetlb_vma_lock *vma_lock = kzalloc(sizeof(*vma_lock), GFP_KERNEL);

	kref_init(&vma_lock->refs);
	vma_lock->vma = &vma;
	vma.vm_private_data = vma_lock;
	vma.vm_flags = VM_MAYSHARE;
	present = 1;
}

static void hugetlb_vma_lock_release(struct kref *kref)
{
	kfree(container_of(kref, struct hugetlb_vma_lock, refs));
}

static void __unmap_hugepage_range_final(unsigned int zap_flags)
{
	struct hugetlb_vma_lock *vma_lock = vma.vm_private_data;

	down_write(&vma_lock->rw_sema); /* hugetlb_vma_lock_write() */
	WRITE_ONCE(present, 0);
	(void)zap_flags;
#ifdef FIX_MADV_16
	if (!(zap_flags & ZAP_FLAG_UNMAP)) {
		up_write(&vma_lock->rw_sema);
		return;
	}
#endif
	vma_lock->vma = NULL; /* __hugetlb_vma_unlock_write_free() */
	WRITE_ONCE(vma.vm_private_data, NULL);
	up_write(&vma_lock->rw_sema);
	kref_put(&vma_lock->refs, hugetlb_vma_lock_release);
}

THREAD(madvise)
{
	down_read(&mmap_lock);
	__unmap_hugepage_range_final(0); /* zap_page_range(): the flag is munmap()'s */
	up_read(&mmap_lock);
}

THREAD(fault)
{
	struct hugetlb_vma_lock *vma_lock;

	down_read(&mmap_lock);
	vma_lock = READ_ONCE(vma.vm_private_data);
	if (vma_lock) { /* an area without one is private */
		down_read(&vma_lock->rw_sema);
		WRITE_ONCE(present, 1);
		up_read(&vma_lock->rw_sema);
	}
	up_read(&mmap_lock);
}
