// SPDX-License-Identifier: GPL-2.0-or-later
// remap_file_pages() makes an area nonlinear while one of its pages is being moved: the migration entry stays.
// The way back to the PTEs goes over the linear areas only, since "nonlinear mappings do not use migration entries".
// @source mm/fremap.c v3.13: remap_file_pages()
// @source mm/migrate.c v2.6.20: remove_file_migration_ptes()
// @bug MIG-07 7e09e738afd21ef99f047425fc0b0c9be8b03254 (v3.14) mm: fix swapops.h:131 bug if remap_file_pages raced migration
// @seed present
// @expect all: violation (assertion)
// @expect[FIX_MIG_07] all: safe
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#define FIND_GET_PAGE_LOCKED
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/invariants.h"
#include "../migrate/migrate.h"

static const struct address_space_operations aops = { .migratepage = migrate_page };
static struct address_space mapping;
static struct mm_struct mm;
static struct vm_area_struct *vma;
static struct page *page;

INIT
{
	init_address_space(&mapping);
	mapping.a_ops = &aops;
	vma = mmap_area(&mm, 0, 1, VM_READ | VM_WRITE | VM_SHARED, open_file(&mapping));
	page = file_page(&mapping, 0, 7);
	do_read_or_shared_fault(vma, 0, false, __pte(0));
	get_page(page); /* isolate_lru_page() */
}

THREAD(remap_file_pages)
{
	spin_lock(&mapping.i_mmap_lock);
	list_del(&vma->shared);
	list_add(&vma->shared, &mapping.i_mmap_nonlinear);
	spin_unlock(&mapping.i_mmap_lock);
}

THREAD(move_pages)
{
	op_move_page(page, 1);
}

MM_INVARIANTS(mm, &mapping)
