// SPDX-License-Identifier: GPL-2.0-or-later
// move_pages() tells a user where the pages of a set-user-id program are that he has started.
// The layout is random so that nobody knows it.
// @source mm/migrate.c v2.6.20: sys_move_pages()
// @bug MIG-03 197e7e521384a23b9e585178f3f11c9fa08274b9 (v4.13) Sanitize 'move_pages()' permission checks (CVE-2017-14140)
// @seed present
// @expect all: violation (assertion)
// @expect[FIX_MIG_03] all: safe
#include "../lib/task.h"
#include "migrate.h"
#include "move_pages.h"

static struct task_struct *passwd;
static int status[1];

INIT
{
	passwd = fork_task(kzalloc(sizeof(struct mm_struct), GFP_KERNEL));
	passwd->uid = 1000; /* started by the user, and root by its file's mode */
	passwd->euid = passwd->suid = 0;
}

THREAD(user)
{
	static const unsigned long pages[1] = { 0 };

	current->uid = current->euid = 1000;
	assert(sys_move_pages(1, 1, pages, NULL, status, 0) == -EPERM);
}
