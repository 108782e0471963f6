// SPDX-License-Identifier: GPL-2.0-or-later
// MADV_WILLNEED descends into a page table that is none: what is there is a huge page, or nothing.
// The walk looks at the PMD before it calls; a huge page that is given away or faulted in between changes what it is.
// @source mm/madvise.c v3.12: swapin_walk_pmd_entry(); mm/pagewalk.c v3.12: walk_pmd_range()
// @bug[MADV_12] MADV-12 ee53664bda169f519ce3c6a22d378f0b946c8178 (v3.13) mm: Fix NULL pointer dereference in
//   madvise(MADV_WILLNEED) support (CVE-2014-8173)
// @seed fixed: pmd_none_or_trans_huge_or_clear_bad() is asked
// @expect all: safe
// @expect[MADV_12] all: violation (out of bounds)
#include <ringtail.h>

#define PTRS_PER_TABLE 2

struct table {
	spinlock_t ptl;
	unsigned long pte[PTRS_PER_TABLE];
};

// A PMD: none, a huge page (bit 0), or a table.
static unsigned long pmd;
static DEFINE_SPINLOCK(page_table_lock);
static struct table *table;

#define HUGE 1UL
#define pmd_none(v) ((v) == 0)
#define pmd_trans_huge(v) (((v) & HUGE) != 0)
#define pmd_table(v) (pmd_none(v) || pmd_trans_huge(v) ? NULL : (struct table *)(v))

INIT
{
	table = kzalloc(sizeof(*table), GFP_KERNEL);
	pmd = (unsigned long)table;
}

static void swapin_walk_pmd_entry(void)
{
	struct table *t;

#ifndef MADV_12
	unsigned long now = READ_ONCE(pmd); /* pmd_none_or_trans_huge_or_clear_bad(): one look decides */

	if (pmd_none(now) || pmd_trans_huge(now))
		return;
	t = pmd_table(now);
#else
	t = pmd_table(READ_ONCE(pmd));
#endif
	for (int i = 0; i < PTRS_PER_TABLE; i++) {
		spin_lock(&t->ptl); /* pte_offset_map_lock() */
		(void)READ_ONCE(t->pte[i]);
		spin_unlock(&t->ptl);
	}
}

THREAD(madvise)
{
	if (!pmd_none(READ_ONCE(pmd))) /* walk_pmd_range() */
		swapin_walk_pmd_entry();
}

// khugepaged puts a huge page in the table's place; the table is kept for later (pgtable_trans_huge_deposit()).
THREAD(collapse)
{
	spin_lock(&page_table_lock);
	WRITE_ONCE(pmd, 0);
	spin_unlock(&page_table_lock);
	spin_lock(&page_table_lock);
	WRITE_ONCE(pmd, HUGE);
	spin_unlock(&page_table_lock);
}
