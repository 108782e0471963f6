// SPDX-License-Identifier: GPL-2.0-or-later
// MADV_REMOVE punches out a page of shared memory that is swapped out, while somebody faults on it and brings it back.
// Giving up the swap slot only tries the lock of a page that is in the swap cache, so that the lock which the fault holds does
// not keep the slot's number in the tree.
// @source mm/madvise.c v4.5: madvise_remove()
// @source mm/shmem.c v3.7, v4.5: shmem_getpage_gfp(), shmem_undo_range()
// @bug[MM_03] MM-03 215c02bc33bbd5ff4d7379a909462d11f0103218 (v3.7) tmpfs: fix shmem_getpage_gfp() VM_BUG_ON
// @expect all: safe
// @expect[MM_03] all: violation (assertion)
#define PTRS_PER_PTE 1
#define NR_TLBS 1
#define NR_SWAP_SLOTS 1
#define WITH_SHMEM
#define WITHOUT_LRU
#define NO_MMAP_WRITER
#include <ringtail.h>
#include "madvise.h"
#include "../lib/user.h"
#include "../lib/invariants.h"

static struct mm_struct mm;
static struct address_space shm;

INIT
{
	init_address_space(&shm);
	init_address_space(&swapper_space);
	mmap_area(&mm, 0, 1, VM_READ | VM_WRITE | VM_SHARED, open_file(&shm));
	shm_swapped_out(&shm, 0, 0, 7);
	user_word(0) = 7;
	user_shares_advice(0);
}

THREAD(user)
{
	user_load(&mm, 0);
}

THREAD(madvise)
{
	sys_madvise(&mm, 0, PAGE_SIZE, MADV_REMOVE);
}

MM_INVARIANTS(mm, &shm)
USER_INVARIANTS(mm)
SHMEM_INVARIANTS(mm, shm)
