// SPDX-License-Identifier: GPL-2.0-or-later
// The end of an address space, which another process at work on it may put off.
//
// @source kernel/fork.c mmput(), get_task_mm(); mm/mmap.c exit_mmap() v4.5
#pragma once
#include "areas.h"

#ifndef NR_PROCESSES
INIT
{
	atomic_set(&mm.mm_users, 1);
}
#endif

static inline void leave_mm(void)
{
	if (atomic_dec_and_test(&mm.mm_users)) { /* exit_mmap() */
		down_write(&mm.mmap_sem);
		unmap_areas(0, page_at(PTRS_PER_PTE));
		up_write(&mm.mmap_sem);
	}
}

static inline long op_exit(void)
{
	leave_mm();
	return 0;
}

// get_task_mm() and mmput() around what another process does.
#define from_outside(op) \
	({ \
		long __ret = -ESRCH; \
		if (atomic_inc_not_zero(&mm.mm_users)) { \
			__ret = (op); \
			leave_mm(); \
		} \
		__ret; \
	})
