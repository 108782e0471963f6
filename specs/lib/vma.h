// SPDX-License-Identifier: GPL-2.0-or-later
// Areas of an address space, under mmap_sem: a sorted list, files that are held by a reference of each area that maps them.
// @source mm/mmap.c, fs/file_table.c v4.5: find_vma(), find_vma_prev(), munmap()
#pragma once

#define VM_READ 0x01UL
#define VM_WRITE 0x02UL
#define VM_SHARED 0x08UL
#define VM_MAYWRITE 0x20UL
#define VM_LOCKED 0x2000UL
#define VM_HUGETLB 0x400000UL
#define VM_PFNMAP 0x400UL
#define VM_RAND_READ 0x10000UL
#define VM_SEQ_READ 0x8000UL
#define VM_DONTCOPY 0x20000UL
#define VM_STACK_INCOMPLETE_SETUP (VM_RAND_READ | VM_SEQ_READ) /* a stack that exec has yet to move */

struct file {
	atomic_long_t f_count;
	struct address_space *f_mapping;
	bool dax;
};

struct anon_vma;

struct vm_area_struct {
	unsigned long vm_start, vm_end, vm_flags;
	struct mm_struct *vm_mm;
	struct vm_area_struct *vm_next;
	unsigned long vm_page_prot; /* of a PTE of this area that need not be written */
	pgoff_t vm_pgoff;
	struct file *vm_file;
	struct anon_vma *anon_vma;
	struct list_head anon_vma_node; /* in anon_vma->head */
	struct list_head shared;        /* in mapping->i_mmap */
};

// mmap_sem for read. Where nobody takes it for write (a spec says so: NO_MMAP_WRITER), it orders nothing and is no step.
#ifdef NO_MMAP_WRITER
#define mmap_read_lock(mm) ((void)(mm))
#define mmap_read_unlock(mm) ((void)(mm))
#else
#define mmap_read_lock(mm) down_read(&(mm)->mmap_sem)
#define mmap_read_unlock(mm) up_read(&(mm)->mmap_sem)
#endif

static inline struct file *get_file(struct file *f)
{
	atomic_long_inc(&f->f_count);
	return f;
}

static inline void fput(struct file *f)
{
	if (atomic_long_dec_and_test(&f->f_count))
		kfree(f);
}

// The first area that ends behind addr, and the one before it.
static inline struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long addr, struct vm_area_struct **pprev)
{
	struct vm_area_struct *vma = mm->mmap, *prev = NULL;

	while (vma && vma->vm_end <= addr) {
		prev = vma;
		vma = vma->vm_next;
	}
	*pprev = prev;
	return vma;
}

static inline struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *prev;

	return find_vma_prev(mm, addr, &prev);
}

static inline pgoff_t linear_page_index(struct vm_area_struct *vma, unsigned long addr)
{
	return ((addr - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff;
}

static inline pte_t maybe_mkwrite(pte_t pte, struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_WRITE)
		pte = pte_mkwrite(pte);
	return pte;
}
