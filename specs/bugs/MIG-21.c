// SPDX-License-Identifier: GPL-2.0-or-later
// fork() shares a page that it has found unpinned, while a device gets it by get_user_pages_fast().
// The next store of the parent goes to a copy, and what the device writes to the original is lost on it.
// @source mm/memory.c v5.10: copy_present_page(), copy_page_range()
// @source mm/gup.c v5.10: lockless_pages_from_mm()
// @bug MIG-21 57efa1fe5957694fa541c9062de0a127f0b9acb0 (v5.11) mm/gup: prevent gup_fast from racing with COW during fork
//
// Found here, and not known upstream: the counter's store and the look at the pin count are in store-buffering shape with the
// pin and the look at the counter, and a write side that only has smp_wmb() does not order them where the lock that follows
// is no full barrier.
// @expect all: violation (assertion)
// @expect[FIX_MIG_21] sc, tso: safe   lkmm: violation (assertion)
// @expect[FIX_MIG_21, FULL_BARRIER] all: safe
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/user.h"
#include "../lib/invariants.h"

#define GUP_PIN 1024 /* of _count: GUP_PIN_COUNTING_BIAS */

static struct mm_struct mm, child;
static struct vm_area_struct *vma;
#ifdef FIX_MIG_21
static seqcount_t write_protect_seq; /* of the mm */
#endif

INIT
{
	vma = mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL);
	map_anon_page(vma, 0, 1);
	user_word(0) = 1;
	mm.next = &child;
}

static struct page *pin_user_pages_fast(void)
{
	pte_t *ptep = pte_offset_map(&mm, 0), pte;
	struct page *page;
#ifdef FIX_MIG_21
	unsigned int seq = raw_read_seqcount(&write_protect_seq);

	if (seq & 1)
		return NULL;
#endif
	pte = ptep_get(ptep);
	if (!pte_write(pte))
		return NULL;
	page = pte_page(pte);
	if (!atomic_add_unless(&page->_count, GUP_PIN, 0))
		return NULL;
	if (pte_val(pte) != pte_val(ptep_get(ptep)))
		goto unpin;
#ifdef FIX_MIG_21
	if (read_seqcount_retry(&write_protect_seq, seq))
		goto unpin;
#endif
	return page;
unpin:
	atomic_sub(GUP_PIN, &page->_count);
	return NULL;
}

THREAD(parent)
{
	struct page *pinned = pin_user_pages_fast();

	if (!pinned)
		return;
	op_fault_write(&mm, 0); /* of a store: where the page is shared, it goes to a copy */
	page_write(pinned, 3); /* the device */
	atomic_sub(GUP_PIN, &pinned->_count);
	user_stored(0, 3);
}

static void copy_present_page(struct page *page, pte_t *ptep, pte_t pte)
{
	if (page_count(page) >= GUP_PIN)
		return; /* copied at once; the parent keeps its page */
	get_page(page);
	page_dup_rmap(page);
	ptep_set_wrprotect(&mm, 0, ptep);
	set_pte_at(&child, 0, pte_offset_map(&child, 0), pte_wrprotect(pte));
}

THREAD(fork)
{
	pte_t *ptep = pte_offset_map(&mm, 0);

	down_write(&mm.mmap_sem);
#ifdef FIX_MIG_21
	raw_write_seqcount_begin(&write_protect_seq);
#ifdef FULL_BARRIER
	smp_mb();
#endif
#endif
	spin_lock(&mm.page_table_lock);
	copy_present_page(pte_page(ptep_get(ptep)), ptep, ptep_get(ptep));
	spin_unlock(&mm.page_table_lock);
#ifdef FIX_MIG_21
	raw_write_seqcount_end(&write_protect_seq);
#endif
	flush_tlb_page(&mm, 0);
	up_write(&mm.mmap_sem);
}

MM_INVARIANTS(mm, NULL)
USER_INVARIANTS(mm)
