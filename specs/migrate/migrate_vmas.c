// SPDX-License-Identifier: GPL-2.0-or-later
// Areas that have a way of their own to migrate are asked one after the other, but for the last; a task without any is an oops.
// @source mm/migrate.c v2.6.20: migrate_vmas()
// @bug MM-02 1001c9fb8721ab395e21f571ed2aaa523cdd1e29 (v2.6.29) migration: migrate_vmas should check "vma"
// @seed present
// @expect all: violation (assertion)
// @expect[NO_AREAS] all: violation (out of bounds)
// @expect[FIX_MM_02] all: safe
#include <ringtail.h>

struct vm_area_struct;

struct vm_operations_struct {
	int (*migrate)(struct vm_area_struct *vma);
};

struct vm_area_struct {
	struct vm_area_struct *vm_next;
	const struct vm_operations_struct *vm_ops;
	int migrated;
};

struct mm_struct {
	struct vm_area_struct *mmap;
};

static int migrate_vmas(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	int err = 0;

#ifdef FIX_MM_02
	for (vma = mm->mmap; vma && !err; vma = vma->vm_next) {
#else
	for (vma = mm->mmap; vma->vm_next && !err; vma = vma->vm_next) {
#endif
		if (vma->vm_ops && vma->vm_ops->migrate) {
			err = vma->vm_ops->migrate(vma);
			if (err)
				break;
		}
	}
	return err;
}

static int count_migration(struct vm_area_struct *vma)
{
	vma->migrated++;
	return 0;
}

static const struct vm_operations_struct counting = { .migrate = count_migration }, none;
static struct vm_area_struct area[3] = {
	{ .vm_next = &area[1], .vm_ops = &counting },
	{ .vm_next = &area[2], .vm_ops = &none },
	{ .vm_ops = &counting },
};

#ifdef NO_AREAS
#define FIRST 3
#elif defined(FIX_MM_02)
#define FIRST choose(0, 3)
#else
#define FIRST choose(0, 2)
#endif

THREAD(migrate_pages)
{
	struct mm_struct mm = { NULL };
	int first = FIRST;

	if (first < 3)
		mm.mmap = &area[first];
	assert(migrate_vmas(&mm) == 0);
	for (; first < 3; first++)
		assert(area[first].migrated == (first != 1));
}
