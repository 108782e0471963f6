// SPDX-License-Identifier: GPL-2.0-or-later
// MADV_WILLNEED over three areas of a DAX file never ends: *prev stays behind, and the walk comes to the same area again.
// @source mm/madvise.c v4.5: madvise_willneed(), sys_madvise()
// @bug MADV-10 6ea8d958a2c95a1d514015d4e29ba21a8c0a1a91 (v4.15) mm/madvise.c: fix madvise() infinite loop under special
//   circumstances (CVE-2017-18208): *prev is not set for a DAX file
// @seed present
// @expect all: violation (deadlock)
// @expect[FIX_MADV_10] all: safe
#include <ringtail.h>
#include "madvise.h"
#include "../lib/invariants.h"

static struct mm_struct mm;
static struct address_space pmem;

INIT
{
	struct file *file;
	int i;

	init_address_space(&pmem);
	file = open_file(&pmem);
	file->dax = true;
	for (i = 0; i < 3; i++) /* they differ, or they were one */
		mmap_area(&mm, 2 * i * PAGE_SIZE, 2, i % 2 ? VM_READ : VM_READ | VM_WRITE, file);
}

THREAD(madvise)
{
	assert(sys_madvise(&mm, PAGE_SIZE, 5 * PAGE_SIZE, MADV_WILLNEED) == 0);
}

MM_INVARIANTS(mm, &pmem)
