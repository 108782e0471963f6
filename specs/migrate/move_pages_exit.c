// SPDX-License-Identifier: GPL-2.0-or-later
// move_pages() looks at the credentials of a task that has exited since it was found.
// @source mm/migrate.c v2.6.20: sys_move_pages()
// @source kernel/exit.c v2.6.20: release_task()
// @bug MIG-01 3268c63eded4 (v3.4) mm: fix move/migrate_pages() race on task struct: it is used without a reference once
//   tasklist_lock is dropped
// @seed present
// @expect all: violation (use after free)
// @expect[FIX_MIG_01] all: safe
#include "../lib/task.h"
#include "migrate.h"
#include "move_pages.h"

static struct task_struct *task;
static int status[1];

INIT
{
	task = fork_task(kzalloc(sizeof(struct mm_struct), GFP_KERNEL));
}

THREAD(move_pages)
{
	static const unsigned long pages[1] = { 0 };

	sys_move_pages(1, 1, pages, NULL, status, 0);
}

THREAD(exit)
{
	exit_mm(task);
	release_task(task);
}
