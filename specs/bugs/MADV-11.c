// SPDX-License-Identifier: GPL-2.0-or-later
// A walk over page tables asks twice what a PMD is, and each time it is something else: no huge page, as there is nothing; then
// not nothing, as there is a huge page, which it takes for a table that has gone bad.
// mmap_sem is held for read by all of them: MADV_DONTNEED takes the huge page away, and a fault brings another.
// @source mm/pagewalk.c v3.3: walk_pmd_range(); include/asm-generic/pgtable.h v3.3: pmd_none_or_clear_bad()
// @bug MADV-11 1a5a9906d4e8d1976b701f889d8f35d54b928f25 (v3.4) mm: thp: fix pmd_bad() triggering in code paths holding mmap_sem
//   read mode (CVE-2012-1179)
// @seed fixed: pmd_trans_unstable() looks once
// @expect all: violation (assertion)
// @expect[FIX_MADV_11] all: safe
#include <ringtail.h>

struct table {
	unsigned long pte;
};

// A PMD: none, a huge page (bit 0), or a table.
static unsigned long pmd = 1;
static DEFINE_SPINLOCK(page_table_lock);
static struct rw_semaphore mmap_sem;

#define HUGE 1UL
#define pmd_none(v) ((v) == 0)
#define pmd_trans_huge(v) (((v) & HUGE) != 0)
#define pmd_bad(v) pmd_trans_huge(v) /* no table has that bit */

static bool pmd_none_or_clear_bad(void)
{
	if (pmd_none(READ_ONCE(pmd)))
		return true;
	BUG_ON(pmd_bad(READ_ONCE(pmd))); /* pmd_clear_bad(): pmd_ERROR() */
	return false;
}

static bool pmd_none_or_trans_huge_or_clear_bad(void)
{
	unsigned long pmdval = READ_ONCE(pmd); /* one look decides */

	if (pmd_none(pmdval) || pmd_trans_huge(pmdval))
		return true;
	BUG_ON(pmd_bad(pmdval));
	return false;
}

THREAD(walk)
{
	down_read(&mmap_sem);
#ifdef FIX_MADV_11
	if (!pmd_none_or_trans_huge_or_clear_bad())
		(void)READ_ONCE(((struct table *)READ_ONCE(pmd))->pte);
	(void)pmd_none_or_clear_bad;
#else
	if (!pmd_trans_huge(READ_ONCE(pmd)) && !pmd_none_or_clear_bad())
		(void)READ_ONCE(((struct table *)READ_ONCE(pmd))->pte);
	(void)pmd_none_or_trans_huge_or_clear_bad;
#endif
	up_read(&mmap_sem);
}

THREAD(madvise)
{
	down_read(&mmap_sem);
	spin_lock(&page_table_lock);
	WRITE_ONCE(pmd, 0); /* zap_huge_pmd() */
	spin_unlock(&page_table_lock);
	up_read(&mmap_sem);
}

THREAD(fault)
{
	down_read(&mmap_sem);
	spin_lock(&page_table_lock);
	if (pmd_none(READ_ONCE(pmd)))
		WRITE_ONCE(pmd, HUGE); /* do_huge_pmd_anonymous_page() */
	spin_unlock(&page_table_lock);
	up_read(&mmap_sem);
}
