// SPDX-License-Identifier: GPL-2.0-or-later
// move_pages() of a page that may be where it is wanted already: nobody knows before, and whoever asks wants to know after.
// Where no page has to be moved, the seed's answer is -ENOENT, and no status is written.
// @source mm/migrate.c v2.6.20: sys_move_pages(), do_move_pages()
// @bug MIG-25 e78bbfa82624 (v2.6.29) mm: stop returning -ENOENT from sys_move_pages() if nothing got migrated
// @seed present
// @expect all: violation (assertion)
// @expect[FIX_MIG_25] all: safe
#define FIX_MIG_01
#define FIX_MIG_02
#define ENTRY_WAIT_GET_PAGE
#include "../lib/task.h"
#include "../lib/invariants.h"
#include "migrate.h"
#include "move_pages.h"

static struct mm_struct *mm;
static int nodes[2], status[2] = { -1, -1 };

INIT
{
	struct vm_area_struct *vma;

	mm = kzalloc(sizeof(*mm), GFP_KERNEL);
	fork_task(mm);
	vma = mmap_area(mm, 0, 2, VM_READ | VM_WRITE, NULL);
	lru_cache_add(map_anon_page(vma, 0, 7));
}

THREAD(move_pages)
{
	static const unsigned long pages[2] = { 0, PAGE_SIZE }; /* nothing is in the second */

	nodes[0] = choose(0, 1);
	assert(sys_move_pages(1, 2, pages, nodes, status, MPOL_MF_MOVE) == 0);
	assert(status[0] == nodes[0] && status[1] == -ENOENT);
}

FINALLY
{
	check_all_is_quiet(mm, NULL);
}
