// SPDX-License-Identifier: GPL-2.0-or-later
// Two calls of move_pages() for the same page at once.
// One of them moves it, or both fail since each is in the other's way with its reference; whoever comes too late says so
// (-EBUSY), or finds it where it wants it.
// @source mm/migrate.c v2.6.20: do_move_pages(), migrate_pages(), isolate_lru_page(), new_page_node()
// lkmm lets the get_page() of an isolation be seen late, and the search for what may come of two of them does not end: under
// lkmm one of the calls has isolated the page before the other one comes (isolate.c has both isolations, alone).
// @expect sc, tso: safe
// @expect[ISOLATED] all: safe
#define PTRS_PER_PTE 1
#define MIGRATE_PASSES 1
#define NO_MMAP_WRITER
#include "../lib/task.h"
#include "../lib/user.h"
#include "../lib/invariants.h"
#include "migrate.h"
#include "move_pages.h"

static struct mm_struct mm;

INIT
{
	struct vm_area_struct *vma = mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL);

	lru_cache_add(map_anon_page(vma, 0, 7));
	user_word(0) = 7;
}

static void move_to_one(void)
{
	struct page_to_node pm[2] = { { .addr = 0, .node = 1 }, { .node = MAX_NUMNODES } };

	do_move_pages(&mm, pm, 0);
	assert(pm[0].status == 1 || pm[0].status == -EBUSY || pm[0].status == -EAGAIN || pm[0].status == -ENOENT);
}

#ifdef ISOLATED
static struct page_to_node first[2] = { { .addr = 0, .node = 1 }, { .node = MAX_NUMNODES } };
static LIST_HEAD(isolated);

INIT
{
	first[0].page = follow_page(find_vma(&mm, 0), 0, 0);
	isolate_lru_page(first[0].page, &isolated);
}

THREAD(one)
{
	migrate_pages(&isolated, new_page_node, (unsigned long)first);
	assert(first[0].status == 1 || first[0].status == -EAGAIN);
}
#else
THREAD(one) { move_to_one(); }
#endif
THREAD(two) { move_to_one(); }

MM_INVARIANTS(mm, NULL)
USER_INVARIANTS(mm)
