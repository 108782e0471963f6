// SPDX-License-Identifier: GPL-2.0-or-later
// A page is poisoned while its user stores to it, while somebody else poisons it, too, or while its contents are to be moved.
// Whoever is first has it; in the end it is mapped nowhere, and is not freed.
// @source mm/madvise.c v4.5: madvise_hwpoison()
// @source mm/memory-failure.c v4.5: memory_failure(), soft_offline_page()
// @expect all: safe
// @expect[TWICE] all: safe
// @expect[SOFT_OFFLINE] all: safe
// @expect[NO_TEST_AND_SET, TWICE] all: violation
#define PTRS_PER_PTE 1
#define NR_TLBS 1
#define WITHOUT_LRU
#define NO_MMAP_WRITER
#include <ringtail.h>
#include "madvise.h"
#include "../lib/user.h"
#include "../lib/invariants.h"
#include "hwpoison.h"

static struct mm_struct mm;

INIT
{
	map_anon_page(mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL), 0, 1);
	tlb_entry(0, 0) = pte_val(mm.pgt[0]); /* the user has been there */
}

THREAD(other)
{
#ifdef TWICE
	madvise_hwpoison(&mm, MADV_HWPOISON, 0);
#elif defined(SOFT_OFFLINE)
	madvise_hwpoison(&mm, MADV_SOFT_OFFLINE, 0);
#else
	unsigned long value = 2;

	if (!user_instruction(&mm, 0, true, &value))
		handle_mm_fault(&mm, mm.mmap, 0, FAULT_FLAG_WRITE);
#endif
}

THREAD(madvise)
{
	madvise_hwpoison(&mm, MADV_HWPOISON, 0);
}

MM_INVARIANTS(mm, NULL)
