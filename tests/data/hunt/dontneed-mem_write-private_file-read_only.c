// SPDX-License-Identifier: GPL-2.0-or-later
// madvise(MADV_DONTNEED) beside a write through /proc/PID/mem: the same pages, private, of a file, read-only.
#define PTRS_PER_PTE 1
#define NR_SLOTS 1
#define NO_MMAP_WRITER
#define FREEZE_REFS /* a page leaves the cache only with its count frozen */
#define FIX_MIG_09 /* fixed */
#include "ops/access.h"
#include "ops/advice.h"

INIT
{
	scene_private_file(1, VM_READ | VM_MAYWRITE);
}

THREAD(dontneed)
{
	result[0] = op_madvise(0, 1, MADV_DONTNEED);
}

THREAD(mem_write)
{
	result[1] = op_mem_write(0, 12UL);
}

MM_INVARIANTS(mm, &file)
PRIVATE_WRITES_LEAVE_THE_FILE_ALONE
