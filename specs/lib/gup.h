// SPDX-License-Identifier: GPL-2.0-or-later
// get_user_pages(): the kernel takes references of a user's pages, faulting them in as the user would.
// @source mm/gup.c v4.5: follow_page_pte(), faultin_page(), __get_user_pages()
#pragma once

#define FOLL_WRITE 0x01u
#define FOLL_TOUCH 0x02u
#define FOLL_GET 0x04u
#define FOLL_FORCE 0x10u
#define FOLL_COW 0x4000u

static inline bool can_follow_write_pte(pte_t pte, unsigned int flags)
{
#ifdef FIX_MADV_01
	return pte_write(pte) || ((flags & FOLL_FORCE) && (flags & FOLL_COW) && pte_dirty(pte));
#else
	(void)flags;
	return pte_write(pte);
#endif
}

static inline struct page *follow_page_pte(struct vm_area_struct *vma, unsigned long address, unsigned int flags)
{
	spinlock_t *ptl;
	pte_t *ptep = pte_offset_map_lock(vma->vm_mm, address, &ptl), pte = ptep_get(ptep);
	struct page *page = NULL;

	if (pte_present(pte) && (!(flags & FOLL_WRITE) || can_follow_write_pte(pte, flags))) {
		page = pte_page(pte);
		if (flags & FOLL_GET)
			get_page(page);
		if ((flags & FOLL_TOUCH) && (flags & FOLL_WRITE) && !pte_dirty(pte) && !PageDirty(page))
			set_page_dirty(page);
	}
	pte_unmap_unlock(ptep, ptl);
	return page;
}

#define follow_page(vma, address, flags) follow_page_pte(vma, address, flags)

static inline int faultin_page(struct vm_area_struct *vma, unsigned long address, unsigned int *flags)
{
	int ret = handle_mm_fault(vma->vm_mm, vma, address, (*flags & FOLL_WRITE) ? FAULT_FLAG_WRITE : 0);

	if (ret & VM_FAULT_SIGBUS)
		return -EFAULT;
	// The COW is broken, but the area is not writable, so that the PTE will not be either.
	if ((ret & VM_FAULT_WRITE) && !(vma->vm_flags & VM_WRITE))
#ifdef FIX_MADV_01
		*flags |= FOLL_COW;
#else
		*flags &= ~FOLL_WRITE;
#endif
	return 0;
}

static inline int get_user_page(struct mm_struct *mm, unsigned long start, bool write, bool force, struct page **pagep)
{
	struct vm_area_struct *vma = find_vma(mm, start);
	unsigned int flags = FOLL_TOUCH | FOLL_GET | (write ? FOLL_WRITE : 0) | (force ? FOLL_FORCE : 0);
	struct page *page;

	if (!vma || start < vma->vm_start)
		return -EFAULT;
	if (write && !(vma->vm_flags & (force ? VM_MAYWRITE : VM_WRITE)))
		return -EFAULT;
	while (!(page = follow_page_pte(vma, start, flags)))
		if (faultin_page(vma, start, &flags))
			return -EFAULT;
	*pagep = page;
	return 1;
}

// A debugger, or a write to /proc/PID/mem: through the user's mapping, whether the user may write there or not.
static inline int access_process_vm(struct mm_struct *mm, unsigned long addr, unsigned long value, bool write)
{
	struct page *page;
	int ret;

	mmap_read_lock(mm);
	ret = get_user_page(mm, addr, write, true, &page);
	if (ret > 0) {
		if (write) {
			page_write(page, value);
			set_page_dirty_lock(page);
		}
		page_cache_release(page);
	}
	mmap_read_unlock(mm);
	return ret;
}
