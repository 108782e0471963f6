// SPDX-License-Identifier: GPL-2.0-or-later
// MADV_REMOVE punches its hole without mmap_sem, while munmap() takes away the area and with it the file.
// @source mm/madvise.c v4.5: madvise_remove()
// @source mm/mmap.c v4.5: do_munmap()
// @bug[MADV_04] MADV-04 9ab4233dd08036fe34a89c7dc6f47a8bf2eb29eb (v3.5) mm: Hold a file reference in madvise_remove
//   (CVE-2012-3511): the file is used without a reference once mmap_sem is dropped
// @seed fixed
// @expect all: safe
// @expect[MADV_04] all: violation (use after free)
#include <ringtail.h>
#include "madvise.h"
#include "../lib/invariants.h"

static struct mm_struct mm;
static struct address_space shm;
static struct vm_area_struct *vma;

INIT
{
	struct file *file;

	init_address_space(&shm);
	file = open_file(&shm);
	vma = mmap_area(&mm, 0, 1, VM_READ | VM_WRITE | VM_SHARED, file);
	fput(file); /* closed: the area holds it alone */
}

THREAD(madvise)
{
	sys_madvise(&mm, 0, PAGE_SIZE, MADV_REMOVE);
}

THREAD(munmap)
{
	down_write(&mm.mmap_sem);
	do_munmap(&mm, vma);
	up_write(&mm.mmap_sem);
}

MM_INVARIANTS(mm, &shm)
