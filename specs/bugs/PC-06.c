// SPDX-License-Identifier: GPL-2.0-or-later
// Whoever faults on a migration entry takes a reference to wait for the page, while the migrator has frozen the count.
// @source mm/migrate.c v2.6.27: migrate_page_move_mapping(), migration_entry_wait()
// @bug[PC_06] PC-06 e286781d5f2e9c846e012a39653a166e9d31777d (v2.6.27) mm: speculative page references [kamezawa: fix
//   migration_entry_wait()]: a plain get_page() takes a count of zero to one
// @expect all: safe
// @expect[PC_06] all: violation (assertion)
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#define FIND_GET_PAGE_LOCKED
#ifdef PC_06
#define ENTRY_WAIT_GET_PAGE
#endif
#define FREEZE_REFS
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/invariants.h"
#include "../migrate/migrate.h"

static const struct address_space_operations aops = { .migratepage = migrate_page };
static struct address_space mapping;
static struct mm_struct mm;
static struct page *page;

INIT
{
	struct vm_area_struct *vma;

	init_address_space(&mapping);
	mapping.a_ops = &aops;
	vma = mmap_area(&mm, 0, 1, VM_READ | VM_WRITE | VM_SHARED, open_file(&mapping));
	page = file_page(&mapping, 0, 7);
	do_read_or_shared_fault(vma, 0, false, __pte(0));
	get_page(page); /* isolate_lru_page() */
}

THREAD(fault)
{
	handle_mm_fault(&mm, mm.mmap, 0, 0); /* mmap_sem, which nobody takes for write, is left out */
}

THREAD(move_pages)
{
	op_move_page(page, 1);
}

MM_INVARIANTS(mm, &mapping)
