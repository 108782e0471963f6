// SPDX-License-Identifier: GPL-2.0-or-later
// A new page table is cleared, and then hung into the one above; a walker may find it there before it is clear.
// @source mm/memory.c v2.6.25: __pte_alloc()
// @bug PC-08 362a61ad6119 (v2.6.26) fix SMP data race in pagetable setup vs walking
// @seed present
// @expect sc, tso: safe   lkmm: violation (assertion)
// @expect[FIX_PC_08] all: safe
#include <ringtail.h>

#define PTRS_PER_PTE 2

struct page_table { unsigned long pte[PTRS_PER_PTE]; };

static struct page_table frame = { { 0xdeadUL, 0xdeadUL } }; /* what was in the page before */
static struct page_table *pmd;

THREAD(fault)
{
	int i;

	for (i = 0; i < PTRS_PER_PTE; i++) /* pte_alloc_one() */
		WRITE_ONCE(frame.pte[i], 0);
#ifdef FIX_PC_08
	smp_wmb();
#endif
	WRITE_ONCE(pmd, &frame); /* pmd_populate() */
}

// The processor, or who walks as it does: the address depends on what was read.
THREAD(walker)
{
	struct page_table *table = READ_ONCE(pmd);

	if (table)
		assert(READ_ONCE(table->pte[1]) == 0);
}
