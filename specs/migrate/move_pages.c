// SPDX-License-Identifier: GPL-2.0-or-later
// What move_pages() answers, as move_pages(2) and the message of commit 742755a1d8ce have it: one thread, all kinds of pages.
// @source mm/migrate.c v2.6.20: sys_move_pages()
// @expect all: safe
#define FIX_MIG_01
#define FIX_MIG_02
#define ENTRY_WAIT_GET_PAGE
#include "../lib/task.h"
#include "../lib/invariants.h"
#include "migrate.h"
#include "move_pages.h"

static struct mm_struct *mm;
static int status[4];

INIT
{
	struct vm_area_struct *vma;

	mm = kzalloc(sizeof(*mm), GFP_KERNEL);
	fork_task(mm);
	vma = mmap_area(mm, 0, 3, VM_READ | VM_WRITE, NULL);
	lru_cache_add(map_anon_page(vma, 0, 7)); /* and nothing in the second page */
	map_anon_page(vma, 2 * PAGE_SIZE, 8);    /* off the LRU */
}

THREAD(move_pages)
{
	static const unsigned long pages[4] = { 0, PAGE_SIZE, 2 * PAGE_SIZE, 9 * PAGE_SIZE };
	static const int to_one[4] = { 1, 1, 1, 1 }, to_zero[4];

	switch (choose(0, 4)) {
	case 0:
		assert(sys_move_pages(2, 4, pages, NULL, status, MPOL_MF_MOVE) == -ESRCH);
		assert(sys_move_pages(1, 4, pages, NULL, status, 1) == -EINVAL);
		assert(sys_move_pages(1, 4, pages, to_one, status, MPOL_MF_MOVE_ALL) == -EPERM);
		break;
	case 1:
		assert(sys_move_pages(1, 1, pages, to_zero, status, MPOL_MF_MOVE) == -ENOENT); /* there already */
		break;
	case 2:
		assert(sys_move_pages(1, 4, pages, NULL, status, 0) == 0);
		assert(status[0] == 0 && status[1] == -ENOENT && status[2] == 0 && status[3] == -EFAULT);
		break;
	case 3:
		assert(sys_move_pages(1, 4, pages, to_one, status, MPOL_MF_MOVE) == 0);
		assert(status[0] == 1 && status[1] == -ENOENT && status[2] == -EBUSY && status[3] == -EFAULT);
		break;
	case 4:
		assert(sys_move_pages(1, 1, pages, to_one, status, MPOL_MF_MOVE) == 0);
		assert(sys_move_pages(1, 1, pages, NULL, status, 0) == 0);
		assert(status[0] == 1);
	}
}

FINALLY
{
	check_all_is_quiet(mm, NULL);
	assert(page_read(pte_page(*pte_offset_map(mm, 0))) == 7);
}
