// SPDX-License-Identifier: GPL-2.0-or-later
// A page table under its lock while a page is migrated: each page is mapped as often as present entries name it, a
// migration entry is counted by nobody, and it goes as it came, with unmap, fault and zap at once.
// @source mm/rmap.c v2.6.20: try_to_unmap_one()
// @source mm/migrate.c v2.6.20: remove_migration_pte()
// @source mm/memory.c v2.6.20: zap_pte_range(), do_anonymous_page()
// @expect all: safe
// @expect[NO_ENTRY_CHECK] all: violation (invariant)
// @expect[ZAP_COUNTS_ENTRY] all: violation (invariant)
// @expect[LEAVES_MARK] all: violation (invariant)
#include <ringtail.h>

enum { NONE, PRESENT, MIGRATION };

struct pte {
	unsigned char kind, page;
};

static DEFINE_SPINLOCK(ptl);
static struct pte pte[2];
static int mapcount[2];

#define MAPS(i, p) (pte[i].kind == PRESENT && pte[i].page == (p))

INVARIANT_UNDER(ptl, mapcount[0] == MAPS(0, 0) + MAPS(1, 0) && mapcount[1] == MAPS(0, 1) + MAPS(1, 1))
INVARIANT_UNDER(ptl, pte[0].kind <= MIGRATION && pte[1].kind <= MIGRATION && pte[0].page <= 1 && pte[1].page <= 1)

static void fault(int i, int page)
{
	spin_lock(&ptl);
	if (pte[i].kind == NONE) {
		pte[i].kind = PRESENT;
		pte[i].page = page;
		mapcount[page]++;
	}
	spin_unlock(&ptl);
}

static void try_to_unmap_one(int i, int page)
{
	spin_lock(&ptl);
	if (MAPS(i, page)) {
		pte[i].kind = MIGRATION;
		mapcount[page]--;
	}
	spin_unlock(&ptl);
}

static void remove_migration_pte(int i, int old, int new)
{
	spin_lock(&ptl);
#ifdef NO_ENTRY_CHECK
	if (pte[i].page == old) {
#else
	if (pte[i].kind == MIGRATION && pte[i].page == old) {
#endif
		pte[i].kind = PRESENT;
		pte[i].page = new;
		mapcount[new]++;
	}
	spin_unlock(&ptl);
}

static void zap_pte(int i)
{
	spin_lock(&ptl);
#ifdef ZAP_COUNTS_ENTRY
	if (pte[i].kind != NONE)
#else
	if (pte[i].kind == PRESENT)
#endif
		mapcount[pte[i].page]--;
#ifdef LEAVES_MARK
	pte[i].kind = MIGRATION + 1;
#else
	pte[i].kind = NONE;
#endif
	spin_unlock(&ptl);
}

THREAD(touch) { fault(choose(0, 1), 0); }

THREAD(migrate_out) { try_to_unmap_one(0, 0); }
THREAD(migrate_back) { remove_migration_pte(0, 0, 1); }
THREAD(unmap) { zap_pte(0); }
