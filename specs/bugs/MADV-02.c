// SPDX-License-Identifier: GPL-2.0-or-later
// Huge Dirty COW: a reader of the zero page makes its PMD dirty by looking at it, and a forced write trusts dirty PMDs.
// A write forced through a read-only mapping of anonymous memory has broken its COW, and looks for a dirty PMD from then on;
// the copy is given away, and the reader puts the zero page there.
// @source mm/huge_memory.c v4.14: follow_trans_huge_pmd(), touch_pmd(), do_huge_pmd_wp_page()
// @bug MADV-02 a8f97366452ed491d13cf1e44241bc0b5740b1f0 (v4.15) mm, thp: Do not make page table dirty unconditionally in
//   touch_p[mu]d() (CVE-2017-1000405)
// @expect all: violation (invariant)
// @expect[FIX_MADV_02] all: safe
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#define FIX_MADV_01 /* this is what became of it */
#define FIX_MADV_09
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/user.h"
#include "../lib/huge.h"
#include "../lib/invariants.h"

static struct mm_struct mm;
static struct vm_area_struct *vma;
static struct page *huge_zero_page;

INIT
{
	vma = mmap_area(&mm, 0, 1, VM_READ | VM_MAYWRITE, NULL);
	huge_zero_page = alloc_page(GFP_KERNEL);
	clear_highpage(huge_zero_page);
	SetPageReserved(huge_zero_page);
	map_huge_page(vma, 0); /* the copy: the COW has been broken */
	mm.pmd = pte_wrprotect(mm.pmd);
}

INVARIANT(the_zero_page_is_zero, *huge_zero_page->frame == 0)

static pte_t touch_pmd(pte_t pmd, unsigned int flags)
{
#ifdef FIX_MADV_02
	if (!(flags & FOLL_WRITE))
		return pte_mkyoung(pmd);
#endif
	(void)flags;
	return pte_mkyoung(pte_mkdirty(pmd));
}

static struct page *follow_trans_huge_pmd(unsigned int flags)
{
	struct page *page = NULL;
	pte_t pmd;

	spin_lock(pmd_lock(&mm));
	pmd = ptep_get(&mm.pmd);
	if (!pte_none(pmd) && (!(flags & FOLL_WRITE) || can_follow_write_pte(pmd, flags))) {
		page = pte_page(pmd);
		set_pte_at(&mm, 0, &mm.pmd, touch_pmd(pmd, flags));
		get_page(page);
	}
	spin_unlock(pmd_lock(&mm));
	return page;
}

// The area is not writable, so that no PMD is.
static int do_huge_pmd_fault(bool write)
{
	struct page *page = write ? alloc_page(GFP_HIGHUSER) : huge_zero_page;
	pte_t pmd;

	if (write)
		clear_highpage(page);
	spin_lock(pmd_lock(&mm));
	pmd = ptep_get(&mm.pmd);
	if (!pte_none(pmd) && (!write || pte_page(pmd) != huge_zero_page)) { /* do_huge_pmd_wp_page(): reused */
		spin_unlock(pmd_lock(&mm));
		if (write)
			put_page(page);
		return write ? VM_FAULT_WRITE : 0;
	}
	if (write) {
		page_add_new_anon_rmap(page, vma, 0);
		set_pte_at(&mm, 0, &mm.pmd, pte_mkdirty(mk_pte(page, PTE_READONLY)));
	} else {
		get_page(page);
		page_dup_rmap(page);
		set_pte_at(&mm, 0, &mm.pmd, mk_pte(page, PTE_READONLY));
	}
	if (!pte_none(pmd)) {
		page_remove_rmap(huge_zero_page);
		put_page(huge_zero_page);
	}
	spin_unlock(pmd_lock(&mm));
	return !pte_none(pmd) ? VM_FAULT_WRITE : 0;
}

static void follow_and_access(unsigned int flags)
{
	struct page *page;

	while (!(page = follow_trans_huge_pmd(flags)))
		if (do_huge_pmd_fault(flags & FOLL_WRITE) & VM_FAULT_WRITE)
			flags |= FOLL_COW;
	if (flags & FOLL_WRITE)
		page_write(page, 13);
	put_page(page);
}

THREAD(proc_self_mem) { follow_and_access(FOLL_WRITE | FOLL_FORCE | FOLL_COW); }
THREAD(reader) { follow_and_access(FOLL_FORCE); }

THREAD(madvise)
{
	struct mmu_gather tlb;

	tlb_gather_mmu(&tlb, &mm, 0, PAGE_SIZE);
	zap_pmd_range(&tlb);
	tlb_finish_mmu(&tlb, 0, PAGE_SIZE);
}

MM_INVARIANTS(mm, NULL)
