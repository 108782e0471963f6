// SPDX-License-Identifier: GPL-2.0-or-later
// move_pages(2): the target's mm is found by its pid, the user's arrays are read, and each page is isolated and moved to its
// node, or only looked at.
//
// FIX_MIG_01: commit 3268c63eded4, a reference of the task while its credentials are read.
// FIX_MIG_02: the node is checked to be one before it becomes an index of a bitmap.
// FIX_MIG_03: commit 197e7e521384, who may look is who may trace. FIX_MIG_25: e78bbfa82624, nothing to move is no error.
//
// @source mm/migrate.c v2.6.20: sys_move_pages(), do_move_pages(), do_pages_stat()
#pragma once

#define MAX_NUMNODES 64
#define MPOL_MF_MOVE 2
#define MPOL_MF_MOVE_ALL 4

typedef struct { unsigned long bits; } nodemask_t;

static unsigned long node_online_map = 3; /* nodes 0 and 1 */
static struct page *zero_page;

#define node_online(node) test_bit(node, &node_online_map)
#define node_isset(node, mask) test_bit(node, &(mask).bits)
#define ZERO_PAGE(vaddr) zero_page
#define get_user(x, ptr) ({ (x) = *(ptr); 0; })
#define put_user(x, ptr) ({ *(ptr) = (x); 0; })

struct page_to_node {
	unsigned long addr;
	struct page *page;
	int node;
	int status;
};

static inline struct page *new_page_node(struct page *p, unsigned long private, int **result)
{
	struct page_to_node *pm = (struct page_to_node *)private;

	while (pm->node != MAX_NUMNODES && pm->page != p)
		pm++;
	if (pm->node == MAX_NUMNODES)
		return NULL;
	*result = &pm->status;
	return alloc_pages_node(pm->node, GFP_HIGHUSER, 0);
}

static inline int do_move_pages(struct mm_struct *mm, struct page_to_node *pm, int migrate_all)
{
	LIST_HEAD(pagelist);
	struct page_to_node *pp;
	int err;

	mmap_read_lock(mm);
	for (pp = pm; pp->node != MAX_NUMNODES; pp++) {
		struct vm_area_struct *vma;
		struct page *page;

		pp->page = ZERO_PAGE(0); /* one that will not match any of those that are moved */
		err = -EFAULT;
		vma = find_vma(mm, pp->addr);
		if (!vma)
			goto set_status;
		page = follow_page(vma, pp->addr, FOLL_GET);
		err = -ENOENT;
		if (!page)
			goto set_status;
		if (PageReserved(page))
			goto put_and_set;
		pp->page = page;
		err = page_to_nid(page);
		if (err == pp->node)
			goto put_and_set;
		err = -EACCES;
		if (page_mapcount(page) > 1 && !migrate_all)
			goto put_and_set;
		err = isolate_lru_page(page, &pagelist);
put_and_set:
		put_page(page); /* isolate_lru_page() has its own reference, if any */
set_status:
		pp->status = err;
	}
#ifdef FIX_MIG_25
	err = 0;
#else
	err = -ENOENT;
#endif
	if (!list_empty(&pagelist))
		err = migrate_pages(&pagelist, new_page_node, (unsigned long)pm);
	mmap_read_unlock(mm);
	return err;
}

static inline int do_pages_stat(struct mm_struct *mm, struct page_to_node *pm)
{
	mmap_read_lock(mm);
	for (; pm->node != MAX_NUMNODES; pm++) {
		struct vm_area_struct *vma = find_vma(mm, pm->addr);
		struct page *page;
		int err = -EFAULT;

		if (!vma)
			goto set_status;
		page = follow_page(vma, pm->addr, 0);
		err = -ENOENT;
		if (!page || PageReserved(page))
			goto set_status;
		err = page_to_nid(page);
set_status:
		pm->status = err;
	}
	mmap_read_unlock(mm);
	return 0;
}

static inline long sys_move_pages(pid_t pid, unsigned long nr_pages, const unsigned long *pages, const int *nodes, int *status,
			   int flags)
{
	struct page_to_node *pm = NULL;
	struct task_struct *task;
	nodemask_t task_nodes;
	struct mm_struct *mm;
	unsigned long i;
	int err = 0;

	if (flags & ~(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL))
		return -EINVAL;
	if ((flags & MPOL_MF_MOVE_ALL) && !capable(CAP_SYS_NICE))
		return -EPERM;
	read_lock(&tasklist_lock);
	task = pid ? find_task_by_pid(pid) : current;
	if (!task) {
		read_unlock(&tasklist_lock);
		return -ESRCH;
	}
#ifdef FIX_MIG_01
	get_task_struct(task);
#endif
	mm = get_task_mm(task);
	read_unlock(&tasklist_lock);
	if (!mm) {
		err = -EINVAL;
		goto out_task;
	}
#ifdef FIX_MIG_03
	if (!ptrace_may_access(task)) {
		err = -EPERM;
		goto out_mm;
	}
#else
	if (current->euid != READ_ONCE(task->suid) && current->euid != READ_ONCE(task->uid) &&
	    current->uid != READ_ONCE(task->suid) && current->uid != READ_ONCE(task->uid) && !capable(CAP_SYS_NICE)) {
		err = -EPERM;
		goto out_mm;
	}
#endif
	task_nodes.bits = READ_ONCE(task->mems_allowed); /* cpuset_mems_allowed() */
	err = -ENOMEM;
	pm = vmalloc((nr_pages + 1) * sizeof(*pm));
	if (!pm)
		goto out_mm;
	for (i = 0; i < nr_pages; i++) {
		err = -EFAULT;
		if (get_user(pm[i].addr, pages + i))
			goto out;
		if (nodes) {
			int node;

			if (get_user(node, nodes + i))
				goto out;
			err = -ENODEV;
#ifdef FIX_MIG_02
			if (node < 0 || node >= MAX_NUMNODES)
				goto out;
#endif
			if (!node_online(node))
				goto out;
			err = -EACCES;
			if (!node_isset(node, task_nodes))
				goto out;
			pm[i].node = node;
		} else {
			pm[i].node = 0;
		}
	}
	pm[nr_pages].node = MAX_NUMNODES;
	err = nodes ? do_move_pages(mm, pm, flags & MPOL_MF_MOVE_ALL) : do_pages_stat(mm, pm);
	if (err >= 0)
		for (i = 0; i < nr_pages; i++)
			if (put_user(pm[i].status, status + i))
				err = -EFAULT;
out:
	vfree(pm);
out_mm:
	mmput(mm);
out_task:
#ifdef FIX_MIG_01
	put_task_struct(task);
#endif
	return err;
}
