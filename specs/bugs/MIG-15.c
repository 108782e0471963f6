// SPDX-License-Identifier: GPL-2.0-or-later
// A walk over huge pages takes a migration entry for a PTE that is present, and what it names for a page.
// @source fs/proc/task_mmu.c v3.14: gather_hugetbl_stats(); mm/migrate.c v3.14: try_to_unmap() of a huge page
// @bug MIG-15 d4c54919ed86302094c0ca7d48a8cbd4ee753e92 (v3.15) mm: add !pte_present() check on existing hugetlb_entry callbacks
//   (CVE-2014-3940)
// @seed other: the seed walks no huge pages
// @expect all: violation (out of bounds)
// @expect[FIX_MIG_15] all: safe
#include <ringtail.h>

// Present: frame << 2 | 1. A migration entry: frame << 4 | 2, as a swap entry has its type in between.
static unsigned long huge_pte;
static DEFINE_SPINLOCK(ptl);
static struct page { unsigned long flags; int nid; } mem_map[2];

#define pte_none(v) ((v) == 0)
#define pte_present(v) (((v) & 1) != 0)
#define pte_page(v) (&mem_map[(v) >> 2])
#define mk_pte(frame) ((frame) << 2 | 1)
#define make_migration_entry(frame) ((frame) << 4 | 2)

INIT { huge_pte = mk_pte(1UL); }

static int gather_hugetbl_stats(void)
{
	unsigned long pte = READ_ONCE(huge_pte);

#ifdef FIX_MIG_15
	if (!pte_present(pte))
		return 0;
#else
	if (pte_none(pte))
		return 0;
#endif
	return READ_ONCE(pte_page(pte)->nid);
}

THREAD(numa_maps) { gather_hugetbl_stats(); }

THREAD(move_pages)
{
	spin_lock(&ptl);
	WRITE_ONCE(huge_pte, make_migration_entry(1UL));
	spin_unlock(&ptl);
	spin_lock(&ptl);
	WRITE_ONCE(huge_pte, mk_pte(0UL)); /* remove_migration_pte(), of the new page */
	spin_unlock(&ptl);
}
