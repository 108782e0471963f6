// SPDX-License-Identifier: GPL-2.0-or-later
// MADV_DONTNEED by one thread while another stores: no page is lost, or freed under a TLB.
// The store goes to the old page or to a new one; what the user then loads is his store, or zero.
// @source mm/madvise.c v4.5: madvise_dontneed()
// @source mm/memory.c v4.5: zap_pte_range(), do_anonymous_page()
// @expect all: safe
#define PTRS_PER_PTE 1
#define NR_TLBS 1
#define WITHOUT_LRU
#define NO_MMAP_WRITER
#include <ringtail.h>
#include "madvise.h"
#include "../lib/user.h"
#include "../lib/invariants.h"

static struct mm_struct mm;

INIT
{
	map_anon_page(mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL), 0, 1);
	user_shares_advice(0);
}

THREAD(user)
{
	user_store(&mm, 0, 2);
	user_load(&mm, 0);
}

THREAD(other)
{
	op_madvise_dontneed(&mm, 0);
}

MM_INVARIANTS(mm, NULL)
USER_INVARIANTS(mm)
