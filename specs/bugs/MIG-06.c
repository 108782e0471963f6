// SPDX-License-Identifier: GPL-2.0-or-later
// exec moves its new stack while a page of it is being moved: the migration entry is looked for where it is not yet.
// First the area's start moves, and with it the addresses of all its pages, then their PTEs.
// @source fs/exec.c v2.6.34: shift_arg_pages()
// @source mm/migrate.c v2.6.20: remove_anon_migration_ptes()
// @bug MIG-06 a8bef8ff6ea15fa4c67433cab0f5f3484574ef7c (v2.6.35) mm: migration: avoid race between shift_arg_pages() and
//   rmap_walk() during migration by not migrating temporary stacks
// @expect all: violation (assertion)
// @expect[FIX_MIG_06] all: safe
#define PTRS_PER_PTE 2
#define WITHOUT_LRU
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/invariants.h"
#include "../migrate/migrate.h"

static struct mm_struct mm;
static struct vm_area_struct *vma;
static struct page *page;

INIT
{
	vma = mmap_area(&mm, PAGE_SIZE, 1, VM_READ | VM_WRITE | VM_STACK_INCOMPLETE_SETUP, NULL);
	page = map_anon_page(vma, PAGE_SIZE, 1);
	get_page(page); /* isolate_lru_page() */
}

// Of vma_adjust(): the file offset, here of an anonymous area, stays.
static void vma_set_bounds(unsigned long start, unsigned long end)
{
	spin_lock(&vma->anon_vma->lock);
	vma->vm_start = start;
	vma->vm_end = end;
	spin_unlock(&vma->anon_vma->lock);
}

static void move_page_tables(unsigned long from, unsigned long to)
{
	spin_lock(&mm.page_table_lock);
	set_pte_at(&mm, to, pte_offset_map(&mm, to), ptep_get_and_clear(&mm, from, pte_offset_map(&mm, from)));
	spin_unlock(&mm.page_table_lock);
}

THREAD(exec)
{
	vma_set_bounds(0, 2 * PAGE_SIZE);
	move_page_tables(PAGE_SIZE, 0);
	vma_set_bounds(0, PAGE_SIZE);
	WRITE_ONCE(vma->vm_flags, VM_READ | VM_WRITE);
}

THREAD(compaction)
{
	op_move_page(page, 1);
}

MM_INVARIANTS(mm, NULL)
