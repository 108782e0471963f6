// SPDX-License-Identifier: GPL-2.0-or-later
// MADV_WILLNEED of shared memory that is swapped out. The slot's number is read from the file's tree without a lock; by the
// time it is read in, a fault has brought the page back, or a hole has been punched there; or reclaim is about to put it out.
// @source mm/madvise.c v4.5: force_shm_swapin_readahead(), madvise_remove()
// @source mm/shmem.c v4.5: shmem_getpage_gfp(), shmem_undo_range(), shmem_writepage()
// @expect all: safe
// @expect[ADVICE_REMOVE] all: safe
// @expect[SWAPOUT] all: safe
// @expect[SWAPOUT, NO_FREEZE] all: violation (assertion)
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
#ifdef SWAPOUT
static struct page *page;
#endif

INIT
{
	init_address_space(&shm);
	init_address_space(&swapper_space);
	mmap_area(&mm, 0, 1, VM_READ | VM_WRITE | VM_SHARED, open_file(&shm));
	user_word(0) = 7;
#ifdef SWAPOUT
	page = file_page(&shm, 0, 7);
	SetPageDirty(page);
	get_page(page); /* kswapd's, who has isolated it */
#else
	shm_swapped_out(&shm, 0, 0, 7);
#endif
#ifdef ADVICE_REMOVE
	user_shares_advice(0);
#endif
}

THREAD(other)
{
#ifdef SWAPOUT
	op_shmem_swap_out(page, 0);
#elif defined(ADVICE_REMOVE)
	sys_madvise(&mm, 0, PAGE_SIZE, MADV_REMOVE);
#else
	user_load(&mm, 0);
#endif
}

THREAD(madvise)
{
	sys_madvise(&mm, 0, PAGE_SIZE, MADV_WILLNEED);
}

MM_INVARIANTS(mm, &shm)
USER_INVARIANTS(mm)
SHMEM_INVARIANTS(mm, shm)
