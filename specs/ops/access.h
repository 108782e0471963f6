// SPDX-License-Identifier: GPL-2.0-or-later
// Whoever reads and writes the pages: a user's own thread, others through his mapping, a device.
// @source mm/memory.c, mm/gup.c v4.5; fs/proc/base.c v4.5: mem_rw(); mm/process_vm_access.c v4.5
#pragma once
#include "scene.h"

// A thread in user mode; -EFAULT is a signal. It must be one of the first NR_TLBS.
static inline long op_user(unsigned long page, bool write, unsigned long value)
{
	struct vm_area_struct *vma;
	bool fault;

	while (!user_instruction(&mm, page_at(page), write, &value)) {
		mmap_read_lock(&mm);
		vma = find_vma(&mm, page_at(page));
		fault = !vma || vma->vm_start > page_at(page) || (write && !(vma->vm_flags & VM_WRITE)) ||
			(handle_mm_fault(&mm, vma, page_at(page), write ? FAULT_FLAG_WRITE : 0) & VM_FAULT_SIGBUS);
		mmap_read_unlock(&mm);
		if (fault)
			return -EFAULT;
	}
	return write ? 0 : (long)value;
}

#define op_fault_store(page, value) op_user(page, true, value)
#define op_fault_load(page) op_user(page, false, 0UL)

// Whoever works on a page by a reference holds it meanwhile: who wants to move it finds it busy.
static inline void works_on_page(void)
{
#ifdef NOT_ATOMIC_HELD
	atomic_point();
#endif
}

// A range is taken page by page.
static inline void between_pages(void)
{
#ifdef NOT_ATOMIC_RANGE
	atomic_point();
#endif
}

// A write to /proc/PID/mem, or ptrace(PTRACE_POKEDATA), as access_process_vm(): bytes written, or an error.
static inline long op_mem_write(unsigned long page, unsigned long value)
{
	struct page *target;
	int ret;

	mmap_read_lock(&mm);
	ret = get_user_page(&mm, page_at(page), true, true, &target);
	if (ret > 0) {
		works_on_page();
		page_write(target, value);
		set_page_dirty_lock(target);
		put_page(target);
		ret = (int)sizeof(value);
	}
	mmap_read_unlock(&mm);
	return ret;
}

// process_vm_writev(): only where the user may write himself.
static inline long op_vm_write(unsigned long page, unsigned long value)
{
	struct page *target;
	int ret;

	mmap_read_lock(&mm);
	ret = get_user_page(&mm, page_at(page), true, false, &target);
	mmap_read_unlock(&mm);
	if (ret < 0)
		return ret;
	works_on_page();
	page_write(target, value);
	set_page_dirty_lock(target);
	put_page(target);
	return (long)sizeof(value);
}

// process_vm_writev() to several pages, at most two: pinned together, and written one after the other.
static inline long op_vm_writev(unsigned long page, unsigned long pages, unsigned long value)
{
	struct page *target[2];
	unsigned long n, pinned = 0;
	long ret = -EFAULT;

	mmap_read_lock(&mm);
	while (pinned < pages && get_user_page(&mm, page_at(page + pinned), true, false, &target[pinned]) > 0) {
		pinned++;
		between_pages();
	}
	mmap_read_unlock(&mm);
	works_on_page();
	for (n = 0; n < pinned; n++) {
		if (n > 0)
			between_pages();
		page_write(target[n], value);
		set_page_dirty_lock(target[n]);
		put_page(target[n]);
		ret = (long)((n + 1) * sizeof(value));
	}
	return ret;
}

// A read from a disk into the page, as O_DIRECT does it: the page is pinned, the device writes to it, nobody holds a lock.
static inline long op_direct_io(unsigned long page, unsigned long value)
{
	return op_vm_write(page, value);
}

// get_mempolicy(MPOL_F_NODE | MPOL_F_ADDR): the node of the page, which is faulted in.
static inline long op_page_node(unsigned long page)
{
	struct page *target;
	int ret;

	mmap_read_lock(&mm);
	ret = get_user_page(&mm, page_at(page), false, false, &target);
	if (ret > 0) {
		works_on_page();
		ret = page_to_nid(target);
		put_page(target);
	}
	mmap_read_unlock(&mm);
	return ret;
}

// The thread has given the page away, and looks: what is there is not the old contents, in the TLB least of all.
static inline void op_look_after_dontneed(unsigned long page)
{
	unsigned long value;

	BUG_ON(user_instruction(&mm, page_at(page), false, &value) && value == FIRST_CONTENTS);
}

// A user thread that has been at the page: its TLB knows it.
static inline void scene_user_was_there(int cpu, unsigned long page)
{
	tlb_entry(cpu, page_at(page)) = pte_val(*pte_offset_map(&mm, page_at(page)));
}
