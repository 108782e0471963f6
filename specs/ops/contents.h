// SPDX-License-Identifier: GPL-2.0-or-later
// What holds of a scene (scene.h, which includes this last) when all have ended, and what a user would load then.
#pragma once

// Nobody writes to the file but through private mappings: what there is of it in memory is what is on the disk. A page that
// is not up to date is being read in, or copied.
static inline bool file_is_as_on_disk(void)
{
	struct page *page;
	int i;

	for (i = 0; i < NR_SLOTS; i++) {
		page = file.page_tree[i];
		if (page && (page->flags & BIT(PG_uptodate)) && *page->frame != file.disk[i])
			return false;
	}
	return true;
}

#define PRIVATE_WRITES_LEAVE_THE_FILE_ALONE INVARIANT(private_writes_leave_the_file_alone, file_is_as_on_disk())

static inline unsigned long contents_at(struct mm_struct *of, unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(of, addr);
	pte_t pte = *pte_offset_map(of, addr);

	if (!vma || vma->vm_start > addr)
		return NOTHING_MAPPED;
	if (pte_present(pte))
		return page_read(pte_page(pte));
	if (!vma->vm_file)
		return 0;
	return file.page_tree[linear_page_index(vma, addr)] ? *file.page_tree[linear_page_index(vma, addr)]->frame
							    : file.disk[linear_page_index(vma, addr)];
}

#ifdef NR_PROCESSES
#define mm processes[smp_processor_id() % NR_PROCESSES]

FINALLY
{
	int i, process;

	for (process = 0; process < NR_PROCESSES; process++)
		for (i = 0; i < PTRS_PER_PTE; i++)
			contents[process * PTRS_PER_PTE + i] = contents_at(&processes[process], page_at(i));
}

// In FINALLY, of all processes and their children: behind each of the others comes the next.
static inline void check_all_processes(void)
{
	struct mm_struct *last = &processes[0];
	int process;

	for (process = 1; process < NR_PROCESSES; process++) {
		while (last->next)
			last = last->next;
		last->next = &processes[process];
	}
	check_all_is_quiet(&processes[0], &file);
	for (process = 1; process < NR_PROCESSES; process++)
		check_ptes(&processes[process], &processes[0]);
}

#define PROCESS_INVARIANTS(process) \
	INVARIANT_UNDER(processes[process].page_table_lock, mapped_pages_are_held(&processes[process]))
#define PROCESSES_INVARIANTS FINALLY { check_all_processes(); }
#else
FINALLY
{
	int i;

	for (i = 0; i < PTRS_PER_PTE; i++)
		contents[i] = contents_at(&mm, page_at(i));
}
#endif
