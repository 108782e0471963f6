// SPDX-License-Identifier: GPL-2.0-or-later
// Compaction moves a page that nobody has mapped any more: its anon_vma is another process's when the move is through, for
// RCU keeps the memory an anon_vma, but not whose.
// @source mm/migrate.c v2.6.34: unmap_and_move(), remove_anon_migration_ptes(); mm/rmap.c v2.6.34: anon_vma_unlink()
// @bug MIG-05 3f6c82728f4e (v2.6.35) mm: migration: take a reference to the anon_vma before migrating
// @seed other, there the page's mapping keeps its anon_vma, or nobody does (MIG-04)
// @expect all: violation (assertion)
// @expect[FIX_MIG_05] all: safe
#include <ringtail.h>

struct anon_vma {
	spinlock_t lock;
	struct list_head head;
	atomic_t external_refcount;
	bool in_use; /* or on its slab's list of free ones, for the next who wants an anon_vma */
};

struct vm_area_struct {
	struct list_head anon_vma_node;
	int process;
};

static struct anon_vma the_anon_vma;
static struct vm_area_struct old_vma = { .process = 1 }, new_vma = { .process = 2 };

static void anon_vma_link(struct anon_vma *anon_vma, struct vm_area_struct *vma)
{
	spin_lock(&anon_vma->lock);
	list_add_tail(&vma->anon_vma_node, &anon_vma->head);
	spin_unlock(&anon_vma->lock);
}

INIT
{
	INIT_LIST_HEAD(&the_anon_vma.head);
	the_anon_vma.in_use = true;
	anon_vma_link(&the_anon_vma, &old_vma);
}

static struct anon_vma *anon_vma_alloc(void)
{
	struct anon_vma *anon_vma = NULL;

	spin_lock(&the_anon_vma.lock); /* the slab's: SLAB_DESTROY_BY_RCU, with no grace period before it is used again */
	if (!the_anon_vma.in_use) {
		the_anon_vma.in_use = true;
		anon_vma = &the_anon_vma;
	}
	spin_unlock(&the_anon_vma.lock);
	return anon_vma;
}

static void drop_if_unused(struct anon_vma *anon_vma)
{
	if (list_empty(&anon_vma->head) && atomic_read(&anon_vma->external_refcount) == 0)
		anon_vma->in_use = false;
}

static void anon_vma_unlink(struct anon_vma *anon_vma, struct vm_area_struct *vma)
{
	spin_lock(&anon_vma->lock);
	list_del(&vma->anon_vma_node);
	drop_if_unused(anon_vma);
	spin_unlock(&anon_vma->lock);
}

// The way to the PTEs of the page's process, or to none: twice, to put migration entries in and to take them out again.
static void rmap_walk(struct anon_vma *anon_vma)
{
	struct vm_area_struct *vma;

	spin_lock(&anon_vma->lock);
	list_for_each_entry(vma, &anon_vma->head, anon_vma_node)
		assert(vma->process == 1);
	spin_unlock(&anon_vma->lock);
}

THREAD(exit)
{
	anon_vma_unlink(&the_anon_vma, &old_vma);
}

THREAD(other_process)
{
	struct anon_vma *anon_vma = anon_vma_alloc();

	if (anon_vma)
		anon_vma_link(anon_vma, &new_vma);
}

THREAD(compact)
{
	struct anon_vma *anon_vma = &the_anon_vma; /* page_anon_vma(page) */
	bool mapped;

	rcu_read_lock();
	spin_lock(&anon_vma->lock);
	mapped = anon_vma->in_use && !list_empty(&anon_vma->head) &&
		 list_first_entry(&anon_vma->head, struct vm_area_struct, anon_vma_node)->process == 1;
#ifdef FIX_MIG_05
	if (mapped)
		atomic_inc(&anon_vma->external_refcount);
#endif
	spin_unlock(&anon_vma->lock);
	if (mapped) {
		rmap_walk(anon_vma); /* try_to_unmap() */
		rmap_walk(anon_vma); /* remove_migration_ptes() */
#ifdef FIX_MIG_05
		spin_lock(&anon_vma->lock); /* drop_anon_vma() */
		atomic_dec(&anon_vma->external_refcount);
		drop_if_unused(anon_vma);
		spin_unlock(&anon_vma->lock);
#endif
	}
	rcu_read_unlock();
}
