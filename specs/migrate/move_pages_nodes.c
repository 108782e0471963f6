// SPDX-License-Identifier: GPL-2.0-or-later
// move_pages() takes any number from user space for a node.
// @source mm/migrate.c v2.6.20: sys_move_pages()
// @bug MIG-02 (v2.6.33) Fix potential crash with sys_move_pages (CVE-2010-0415): the number is a bit's before it is
//   checked
// @seed present
// @expect all: violation (out of bounds)
// @expect[FIX_MIG_02] all: safe
#include "../lib/task.h"
#include "migrate.h"
#include "move_pages.h"

static int nodes[1], status[1];

INIT
{
	fork_task(kzalloc(sizeof(struct mm_struct), GFP_KERNEL));
	alloc_page(GFP_KERNEL);
}

THREAD(move_pages)
{
	static const unsigned long pages[1] = { 0 };
	static const int numbers[] = { 1, MAX_NUMNODES, INT_MAX };

	nodes[0] = numbers[choose(0, 2)];
	assert(sys_move_pages(1, 1, pages, nodes, status, 0) == (nodes[0] == 1 ? -ENOENT : -ENODEV));
}
