// SPDX-License-Identifier: GPL-2.0-or-later
// A mapping's pages: the counter is the number of slots in use, and a page is in one slot at most, whatever is added,
// truncated and migrated at once.
// @source mm/filemap.c v2.6.20: add_to_page_cache(), __remove_from_page_cache()
// @source mm/migrate.c v2.6.20: migrate_page_move_mapping()
// @expect all: safe
// @expect[MOVE_COUNTS] all: violation (invariant)
// @expect[NO_RECHECK] all: violation (invariant)
// @expect[NO_SUCH_PAGE] all: violation (invariant)
// @expect[TWICE_THERE] all: violation (invariant)
#include <ringtail.h>

#define NR_SLOTS 2
#define NR_PAGES 3

static DEFINE_SPINLOCK(tree_lock);
static unsigned char slot[NR_SLOTS]; /* a page's number, from 1 */
static unsigned nrpages;

INVARIANT_UNDER(tree_lock, nrpages == (slot[0] != 0) + (slot[1] != 0))
INVARIANT_UNDER(tree_lock, slot[0] <= NR_PAGES && slot[1] <= NR_PAGES)
INVARIANT_UNDER(tree_lock, slot[0] == 0 || slot[0] != slot[1])

static int cached(unsigned char page) { return slot[0] == page || slot[1] == page; }

static void add_to_page_cache(unsigned char page, int index)
{
	spin_lock(&tree_lock);
#ifdef TWICE_THERE
	if (!slot[index]) {
#else
	if (!slot[index] && !cached(page)) {
#endif
		slot[index] = page;
		nrpages++;
	}
	spin_unlock(&tree_lock);
}

static void remove_from_page_cache(int index)
{
	spin_lock(&tree_lock);
	if (slot[index]) {
		slot[index] = 0;
		nrpages--;
	}
	spin_unlock(&tree_lock);
}

/* The page was found without the lock; it is moved if the slot still holds it. */
static void migrate_page_move_mapping(unsigned char page, unsigned char newpage, int index)
{
	spin_lock(&tree_lock);
#ifdef NO_RECHECK
	if (!cached(newpage)) {
#else
	if (slot[index] == page && !cached(newpage)) {
#endif
		slot[index] = newpage;
#ifdef MOVE_COUNTS
		nrpages++;
#endif
	}
	spin_unlock(&tree_lock);
}

THREAD(read)
{
	add_to_page_cache(1, choose(0, 1));
	add_to_page_cache(1, choose(0, 1));
}
THREAD(truncate) { remove_from_page_cache(choose(0, 1)); }
#ifdef NO_SUCH_PAGE
#define NEW_PAGE (NR_PAGES + 1)
#else
#define NEW_PAGE NR_PAGES
#endif
THREAD(migrate) { migrate_page_move_mapping(1, NEW_PAGE, choose(0, 1)); }
