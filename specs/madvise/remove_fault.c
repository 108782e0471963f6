// SPDX-License-Identifier: GPL-2.0-or-later
// MADV_REMOVE punches out a page of a file while somebody faults on it: it is mapped before, and unmapped, or found gone.
// @source mm/madvise.c v4.5: madvise_remove()
// @source mm/truncate.c v4.5: truncate_inode_page(); mm/filemap.c v4.5: find_lock_entry()
// @expect all: safe
// @expect[NO_RECHECK] all: violation
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
	file_page(&shm, 0, 7);
}

THREAD(madvise)
{
	sys_madvise(&mm, 0, PAGE_SIZE, MADV_REMOVE);
}

THREAD(fault)
{
	op_fault_write(&mm, 0);
}

MM_INVARIANTS(mm, &shm)
