// SPDX-License-Identifier: GPL-2.0-or-later
// The last user of a swap entry lets it go and looks once more into the map; swapoff sees none in use and frees the map.
// @source mm/swapfile.c v6.8: free_swap_and_cache(), swapoff(), get_swap_device()
// @bug MM-02 82b1c07a0af603e3c47b906c8e991dc96f01688e (v6.9) mm: swap: fix race between free_swap_and_cache() and swapoff()
// @expect all: violation (use after free)
// @expect[FIX_MM_02] all: safe
#include <ringtail.h>
#include <percpu_ref.h>

#define SWAP_HAS_CACHE 0x40

struct swap_info_struct {
	struct percpu_ref users;
	struct completion comp;
	spinlock_t lock;
	unsigned char *swap_map;
	unsigned int inuse_pages;
};

static struct swap_info_struct *si;

static void swap_users_ref_free(struct percpu_ref *ref)
{
	complete(&container_of(ref, struct swap_info_struct, users)->comp);
}

INIT
{
	si = kzalloc(sizeof(*si), GFP_KERNEL);
	percpu_ref_init(&si->users, swap_users_ref_free, 0, GFP_KERNEL);
	init_completion(&si->comp);
	spin_lock_init(&si->lock);
	si->swap_map = vzalloc(2);
	si->swap_map[1] = 1 | SWAP_HAS_CACHE;
	si->inuse_pages = 1;
}

static __maybe_unused struct swap_info_struct *get_swap_device(void)
{
	if (!percpu_ref_tryget_live(&si->users))
		return NULL;
	smp_rmb();
	return si;
}

static unsigned char swap_entry_free(struct swap_info_struct *p, unsigned long offset)
{
	unsigned char count;

	spin_lock(&p->lock);
	count = p->swap_map[offset] - 1;
	WRITE_ONCE(p->swap_map[offset], count);
	spin_unlock(&p->lock);
	return count;
}

THREAD(zap_pte_range) /* free_swap_and_cache() */
{
	struct swap_info_struct *p;
	unsigned char count;

#ifdef FIX_MM_02
	p = get_swap_device();
	if (!p)
		return;
#else
	p = si;
#endif
	count = swap_entry_free(p, 1);
	if (count == SWAP_HAS_CACHE && !(READ_ONCE(p->swap_map[1]) & ~SWAP_HAS_CACHE)) {
		spin_lock(&p->lock); /* __try_to_reclaim_swap() */
		if (p->swap_map[1]) {
			WRITE_ONCE(p->swap_map[1], 0);
			WRITE_ONCE(p->inuse_pages, p->inuse_pages - 1);
		}
		spin_unlock(&p->lock);
	}
#ifdef FIX_MM_02
	percpu_ref_put(&p->users);
#endif
}

// A page in the swap cache that nobody maps is dropped.
static void try_to_unuse(void)
{
	while (READ_ONCE(si->inuse_pages)) {
		if (READ_ONCE(si->swap_map[1]) != SWAP_HAS_CACHE) {
			cond_resched();
			continue;
		}
		spin_lock(&si->lock);
		if (si->swap_map[1] == SWAP_HAS_CACHE) {
			WRITE_ONCE(si->swap_map[1], 0);
			WRITE_ONCE(si->inuse_pages, 0);
		}
		spin_unlock(&si->lock);
	}
}

THREAD(swapoff)
{
	unsigned char *swap_map;

	try_to_unuse();
	percpu_ref_kill(&si->users);
	synchronize_rcu();
	wait_for_completion(&si->comp);
	spin_lock(&si->lock);
	swap_map = si->swap_map;
	spin_unlock(&si->lock);
	vfree(swap_map);
}
