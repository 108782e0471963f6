// SPDX-License-Identifier: GPL-2.0-or-later
// A task exits and drops its address space under task_lock(); who looks at another's takes a reference under it. A timer that
// would be armed for a task that exits looks at PF_EXITING under the same lock.
// @source kernel/fork.c v6.6: get_task_mm(); kernel/exit.c v6.6: exit_signals(), exit_mm()
// @expect all: safe
// @expect[NO_TASK_LOCK] sc, tso: violation (use after free)   lkmm: violation (data race)
#define TASK_STRUCT_FIELDS struct mm_struct *mm;
struct mm_struct;
#include <ringtail.h>

struct mm_struct {
	atomic_t mm_users;
	int total_vm;
};
static struct task_struct *task;

INIT
{
	struct mm_struct *mm = kzalloc(sizeof(*mm), GFP_KERNEL);

	atomic_set(&mm->mm_users, 1);
	task = kzalloc(sizeof(*task), GFP_KERNEL);
	task->mm = mm;
}

static void mmput(struct mm_struct *mm)
{
	if (atomic_dec_and_test(&mm->mm_users))
		kfree(mm);
}

THREAD(exit)
{
	struct mm_struct *mm = task->mm;

#ifndef NO_TASK_LOCK
	task_lock(task);
#endif
	task->flags |= PF_EXITING;
	WRITE_ONCE(task->mm, NULL);
#ifndef NO_TASK_LOCK
	task_unlock(task);
#endif
	mmput(mm);
}

THREAD(get_task_mm)
{
	struct mm_struct *mm;

	task_lock(task);
	mm = task->mm;
	if (mm) {
		if (task->flags & (PF_KTHREAD | PF_EXITING))
			mm = NULL;
		else
			atomic_inc(&mm->mm_users);
	}
	task_unlock(task);
	if (mm) {
		WRITE_ONCE(mm->total_vm, 1);
		mmput(mm);
	}
}
