// SPDX-License-Identifier: GPL-2.0-or-later
// After fork() the parent breaks the COW of a page while the child does, too, or gives the page away.
// In the end each has a page of his own, and the original is freed if nobody has it.
// @source mm/memory.c v4.5: do_wp_page(), wp_page_copy(), copy_one_pte()
// @source mm/madvise.c v4.5: madvise_dontneed()
// @expect all: safe
// @expect[CHILD_WRITES] all: safe
// @expect[NO_RECHECK_OF_PTE] all: violation
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#define NO_MMAP_WRITER
#include <ringtail.h>
#include "madvise.h"
#include "../lib/user.h"
#include "../lib/fork.h"
#include "../lib/invariants.h"

static struct mm_struct mm, child;

INIT
{
	map_anon_page(mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL), 0, 7);
	user_word(0) = 7;
	user_shares_advice(0);
	dup_mmap(&child, &mm);
}

THREAD(parent)
{
	op_fault_write(&mm, 0);
}

THREAD(in_child)
{
#ifdef CHILD_WRITES
	op_fault_write(&child, 0);
#else
	op_madvise_dontneed(&child, 0);
#endif
}

// Another thread of the parent.
THREAD(sibling)
{
	op_madvise_dontneed(&mm, 0);
}

MM_INVARIANTS(mm, NULL)
USER_INVARIANTS(mm)
