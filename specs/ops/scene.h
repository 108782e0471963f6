// SPDX-License-Identifier: GPL-2.0-or-later
// What operations on pages happen to: an address space `mm` with an area from page 0 on, whose pages are there and hold
// FIRST_CONTENTS. One of scene_anonymous(), scene_private_file(), scene_shared_file() in INIT makes it. Each thread of a
// program puts what its operation returned into `result`; when all have ended, `contents` is what a user would load.
//
// A program says before it includes anything: PTRS_PER_PTE, the pages of address space; NR_SLOTS, those of the file; NR_TLBS,
// how many threads (the first ones) run user code.
//
// With NR_PROCESSES (and SWITCH_MM, as each runs on a CPU of its own) each thread is a process, and scene_processes() has
// all of them map the same pages of the file: `mm` is that of whoever runs, and `contents` has what each would load.
#pragma once

#define WITHOUT_LRU /* who isolates a page tells by a flag: since v5.11 */
#define ENTRY_WAIT_ON_LOCKED /* since v5.17; with a reference, as before, whoever waits makes the move fail */
#define COUNT_BARRIER /* migrate/move_pinned.c has what is missing there, and no upstream fix */
#define HOLES_ARE_FILLED
#define PAGES_PER_CPU 6
#include <ringtail.h>

#ifndef MAX_OPS /* threads with an operation each */
#define MAX_OPS 2
#endif
static long result[MAX_OPS];

#include "atomic.h"
#include "../lib/mm.h"
#include "../lib/user.h"
#include "../lib/fork.h"
#include "../lib/reclaim.h"
#include "../lib/invariants.h"
#include "../madvise/madvise.h"
#include "../migrate/migrate.h"

#define FIRST_CONTENTS 1UL

#define page_at(n) ((unsigned long)(n) << PAGE_SHIFT)

#ifdef NR_PROCESSES
static struct mm_struct processes[NR_PROCESSES];
static unsigned long contents[NR_PROCESSES * PTRS_PER_PTE];
#else
static struct mm_struct mm;
static unsigned long contents[PTRS_PER_PTE];
#endif
static struct mm_struct children[MAX_OPS];
static struct address_space file;
#define NOTHING_MAPPED (~0UL)

static const struct address_space_operations file_aops = { .migratepage = migrate_page };

#ifndef NR_PROCESSES
static inline void scene_anonymous(int pages, unsigned long flags)
{
	struct vm_area_struct *vma = mmap_area(&mm, 0, pages, flags, NULL);
	int i;

	for (i = 0; i < pages; i++) {
		map_anon_page(vma, page_at(i), FIRST_CONTENTS);
		if (!(flags & VM_WRITE))
			mm.pgt[i] = pte_wrprotect(mm.pgt[i]);
	}
}

static inline struct vm_area_struct *scene_file(int pages, unsigned long flags)
{
	struct file *f;
	struct vm_area_struct *vma;
	int i;

	init_address_space(&file);
	file.a_ops = &file_aops;
	f = open_file(&file);
	vma = mmap_area(&mm, 0, pages, flags, f);
	fput(f); /* closed: the area holds it */
	for (i = 0; i < pages; i++)
		file_page(&file, i, FIRST_CONTENTS);
	return vma;
}

// Its own pages come when it is written to: anonymous ones, found by an anon_vma.
static inline void scene_private_file(int pages, unsigned long flags)
{
	struct vm_area_struct *vma = scene_file(pages, flags);
	struct anon_vma *anon_vma = kzalloc(sizeof(*anon_vma), GFP_KERNEL);
	int i;

	INIT_LIST_HEAD(&anon_vma->head);
	anon_vma_link(vma, anon_vma);
	for (i = 0; i < pages; i++)
		do_read_or_shared_fault(vma, page_at(i), false, __pte(0));
}

#endif

// Shared memory: its pages are dirty, and behind them there is nothing but zeros.
static inline void share_pages(int pages)
{
	int i;

	for (i = 0; i < pages; i++) {
		SetPageDirty(file.page_tree[i]);
		file.disk[i] = 0;
	}
}

#ifdef NR_PROCESSES
static inline void scene_processes(int pages, unsigned long flags)
{
	struct file *f;
	struct vm_area_struct *vma;
	int i, process;

	init_address_space(&file);
	file.a_ops = &file_aops;
	f = open_file(&file);
	for (i = 0; i < pages; i++)
		file_page(&file, i, FIRST_CONTENTS);
	share_pages(pages);
	for (process = 0; process < NR_PROCESSES; process++) {
		processes[process].cpu_vm_mask = BIT(process);
		atomic_set(&processes[process].mm_users, 1);
		vma = mmap_area(&processes[process], 0, pages, flags | VM_SHARED, f);
		for (i = 0; i < pages; i++)
			do_read_or_shared_fault(vma, page_at(i), (flags & VM_WRITE) != 0, __pte(0));
	}
	fput(f); /* closed: the areas hold it */
}
#else
static inline void scene_shared_file(int pages, unsigned long flags)
{
	struct vm_area_struct *vma = scene_file(pages, flags | VM_SHARED);
	int i;

	share_pages(pages);
	for (i = 0; i < pages; i++)
		do_read_or_shared_fault(vma, page_at(i), (flags & VM_WRITE) != 0, __pte(0));
}
#endif

#include "contents.h"
