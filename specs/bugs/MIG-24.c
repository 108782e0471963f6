// SPDX-License-Identifier: GPL-2.0-or-later
// mremap() moves a PTE and flushes late: at the new address the page is freed, at the old one a CPU still reaches it.
// @source mm/mremap.c v4.18: move_ptes(), move_page_tables()
// @bug MIG-24 eb66ae030829605d61fbef1909ce310e29f78821 (v4.19) mremap: properly flush TLB before releasing the page
//   (CVE-2018-18281)
// @expect all: violation (invariant)
// @expect[FIX_MIG_24] all: safe
#define NR_TLBS 1
#define PTRS_PER_PTE 2
#define WITHOUT_LRU
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/user.h"
#include "../lib/invariants.h"

static struct mm_struct mm;
static struct address_space mapping;

INIT
{
	struct vm_area_struct *vma;

	init_address_space(&mapping);
	vma = mmap_area(&mm, 0, 2, VM_READ | VM_WRITE | VM_SHARED, open_file(&mapping));
	file_page(&mapping, 0, 7);
	do_read_or_shared_fault(vma, 0, true, __pte(0));
	tlb_entry(0, 0) = pte_val(*pte_offset_map(&mm, 0)); /* the user has been there */
}

static void move_ptes(unsigned long old_addr, unsigned long new_addr)
{
	bool force_flush = false;
	pte_t pte;

	spin_lock(&mm.page_table_lock);
	pte = ptep_get_and_clear(&mm, old_addr, pte_offset_map(&mm, old_addr));
	if (pte_present(pte))
		force_flush = true;
	set_pte_at(&mm, new_addr, pte_offset_map(&mm, new_addr), pte);
#ifdef FIX_MIG_24
	if (force_flush)
		flush_tlb_page(&mm, old_addr);
	spin_unlock(&mm.page_table_lock);
#else
	spin_unlock(&mm.page_table_lock);
	if (force_flush)
		flush_tlb_page(&mm, old_addr);
#endif
}

THREAD(user)
{
	unsigned long value = 8;

	user_instruction(&mm, 0, true, &value);
}

THREAD(mremap)
{
	move_ptes(0, PAGE_SIZE);
}

// The file is truncated: what ftruncate() does to whoever maps the page, and the page with it.
THREAD(ftruncate)
{
	struct page *page = find_lock_page(&mapping, 0);

	zap_page_range(mm.mmap, PAGE_SIZE, PAGE_SIZE);
	if (!page_mapped(page))
		delete_from_page_cache(page);
	unlock_page(page);
	put_page(page);
}

MM_INVARIANTS(mm, &mapping)
