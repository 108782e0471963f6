// SPDX-License-Identifier: GPL-2.0-or-later
// MADV_REMOVE against write() to the same file from memory that faults: i_mutex and mmap_sem, in both orders.
// @source mm/madvise.c v4.5: madvise_remove(); v2.6.20 with mmap_sem held throughout
// @source mm/filemap.c v2.6.20: generic_file_aio_write()
// @bug[MADV_05] MADV-05 90ed52ebe48181d3c5427b3bd1d24f659e7575ad (v2.6.21) holepunch: fix mmap_sem i_mutex deadlock
// @seed fixed
// @expect all: safe
// @expect[MADV_05] all: violation (deadlock)
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#include <ringtail.h>
#include "madvise.h"
#include "../lib/invariants.h"

static struct mm_struct mm;
static struct address_space shm;

INIT
{
	init_address_space(&shm);
	mmap_area(&mm, 0, 1, VM_READ | VM_WRITE | VM_SHARED, open_file(&shm));
}

THREAD(madvise)
{
	sys_madvise(&mm, 0, PAGE_SIZE, MADV_REMOVE);
}

THREAD(write)
{
	mutex_lock(&shm.i_mutex);
	op_fault_write(&mm, 0); /* copy_from_user() */
	mutex_unlock(&shm.i_mutex);
}

MM_INVARIANTS(mm, &shm)
