// SPDX-License-Identifier: GPL-2.0-or-later
// A page is moved with nobody's mmap_sem, and its anon_vma goes while it is unmapped.
// The last area takes the anon_vma with it; the way back to the PTEs leads through it.
// @source mm/migrate.c v2.6.22: unmap_and_move(), remove_anon_migration_ptes()
// @source mm/rmap.c v2.6.22: anon_vma_unlink()
// @bug MIG-04 dc386d4d1e98bb39fb967ee156cd456c802fc692 (v2.6.23) memory unplug: migration by kernel
// @expect all: violation (use after free)
// @expect[FIX_MIG_04] all: safe
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#include <ringtail.h>
#include "../lib/mm.h"
#include "../lib/invariants.h"
#include "../migrate/migrate.h"

static struct mm_struct mm;
static struct page *page;

INIT
{
	page = map_anon_page(mmap_area(&mm, 0, 1, VM_READ | VM_WRITE, NULL), 0, 1);
	get_page(page); /* isolate_lru_page() */
}

// The last area frees the anon_vma; its slab is freed by RCU, and reused at once only as another anon_vma.
static void anon_vma_unlink(struct vm_area_struct *vma)
{
	struct anon_vma *anon_vma = vma->anon_vma;
	bool empty;

	spin_lock(&anon_vma->lock);
	list_del(&vma->anon_vma_node);
	empty = list_empty(&anon_vma->head);
	spin_unlock(&anon_vma->lock);
	if (empty)
		call_rcu(&anon_vma->rcu, free_anon_vma);
}

THREAD(exit)
{
	struct vm_area_struct *vma = mm.mmap;

	zap_page_range(vma, 0, PAGE_SIZE);
	anon_vma_unlink(vma);
	kfree(vma);
}

THREAD(move_pages)
{
#ifdef FIX_MIG_04
	rcu_read_lock();
#endif
	op_move_page(page, 1);
#ifdef FIX_MIG_04
	rcu_read_unlock();
#endif
}

MM_INVARIANTS(mm, NULL)
