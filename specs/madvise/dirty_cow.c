// SPDX-License-Identifier: GPL-2.0-or-later
// Dirty COW: a write forced through a private, read-only mapping of a file goes to the file's own page.
// /proc/self/mem writes to a copy, until madvise(MADV_DONTNEED) takes the copy away and the write goes where the copy is no
// more.
// @source mm/gup.c v4.5: faultin_page(), follow_page_pte()
// @source mm/madvise.c v4.5: madvise_dontneed()
// @bug MADV-01 19be0eaffa3ac7d8eb6784ad9bdbc7d67ed8e619 (v4.9) mm: remove gup_flags FOLL_WRITE games from __get_user_pages()
//   (CVE-2016-5195): the page that broke the COW is zapped before it is looked up again without FOLL_WRITE
// @seed present
// @expect all: violation (invariant)
// @expect[FIX_MADV_01] all: safe
#define NO_MMAP_WRITER
#include <ringtail.h>
#include "madvise.h"
#include "../lib/invariants.h"

static struct mm_struct mm;
static struct address_space libc;

INIT
{
	init_address_space(&libc);
	file_page(&libc, 0, 7);
	mmap_area(&mm, 0, 1, VM_READ | VM_MAYWRITE, open_file(&libc));
}

THREAD(proc_self_mem)
{
	access_process_vm(&mm, 0, 13, true);
}

THREAD(madvise)
{
	sys_madvise(&mm, 0, PAGE_SIZE, MADV_DONTNEED);
}

PRIVATE_INVARIANTS(&libc)
MM_INVARIANTS(mm, &libc)
