// SPDX-License-Identifier: GPL-2.0-or-later
// Tasks that others look up by pid, and their address spaces: what exit takes away. Included before <ringtail.h>, since it
// adds members to struct task_struct.
// @source kernel/exit.c, kernel/fork.c v2.6.20: release_task(), get_task_mm(), mmput()
#pragma once

struct mm_struct;
#define TASK_STRUCT_FIELDS \
	unsigned int uid, euid, suid; \
	unsigned long mems_allowed; \
	struct mm_struct *mm; \
	atomic_t usage; \
	struct rcu_head rcu;

#include <ringtail.h>
#include "mm.h"

#define CAP_SYS_NICE 23
#define capable(cap) false

static DEFINE_RWLOCK(tasklist_lock);
static struct task_struct *pid_task; /* the one process that has a pid: 1 */

#define find_task_by_pid(pid) ((pid) == 1 ? READ_ONCE(pid_task) : NULL)

// Of PTRACE_MODE_READ_REALCREDS: all of the target's ids must be the caller's real one.
static inline bool ptrace_may_access(struct task_struct *task)
{
	return current->uid == READ_ONCE(task->uid) && current->uid == READ_ONCE(task->euid) &&
	       current->uid == READ_ONCE(task->suid);
}

static inline void get_task_struct(struct task_struct *p)
{
	atomic_inc(&p->usage);
}

static inline void put_task_struct(struct task_struct *p)
{
	if (atomic_dec_and_test(&p->usage))
		kfree(p);
}

static inline struct mm_struct *get_task_mm(struct task_struct *task)
{
	struct mm_struct *mm;

	task_lock(task);
	mm = READ_ONCE(task->mm);
	if (mm)
		atomic_inc(&mm->mm_users);
	task_unlock(task);
	return mm;
}

static inline void mmput(struct mm_struct *mm)
{
	if (atomic_dec_and_test(&mm->mm_users))
		kfree(mm);
}

static inline struct task_struct *fork_task(struct mm_struct *mm)
{
	struct task_struct *p = kzalloc(sizeof(*p), GFP_KERNEL);

	atomic_set(&p->usage, 1);
	atomic_set(&mm->mm_users, 1);
	p->mm = mm;
	p->mems_allowed = 3;
	pid_task = p;
	return p;
}

static inline void delayed_put_task_struct(struct rcu_head *rhp)
{
	put_task_struct(container_of(rhp, struct task_struct, rcu));
}

static inline void exit_mm(struct task_struct *p)
{
	struct mm_struct *mm = p->mm;

	task_lock(p);
	WRITE_ONCE(p->mm, NULL);
	task_unlock(p);
	mmput(mm);
}

static inline void release_task(struct task_struct *p)
{
	write_lock_irq(&tasklist_lock);
	WRITE_ONCE(pid_task, NULL);
	write_unlock_irq(&tasklist_lock);
	call_rcu(&p->rcu, delayed_put_task_struct);
}
