// SPDX-License-Identifier: GPL-2.0-or-later
// A wait queue is freed that epoll is on still. Whoever frees it has to tell (POLLFREE), and to wait for those who have
// looked already.
// @source fs/signalfd.c and fs/eventpoll.c v3.3: signalfd_cleanup(), ep_remove_wait_queue()
// @expect all: violation (use after free)
// @expect[FIX_POLLFREE] all: safe
#include <ringtail.h>

struct sighand {
	wait_queue_head_t wqh;
	struct rcu_head rcu;
};

struct epitem {
	wait_queue_entry_t wait;
	wait_queue_head_t *whead;
};

static struct sighand *sighand;
static struct epitem epi;

static int ep_poll_callback(wait_queue_entry_t *wait, unsigned mode, int sync, void *key)
{
	struct epitem *e = container_of(wait, struct epitem, wait);

	(void)mode;
	(void)sync;
	if (key_to_poll(key) & POLLFREE) {
		list_del_init(&wait->entry);
		smp_store_release(&e->whead, NULL);
	}
	return 1;
}

INIT
{
	sighand = kzalloc(sizeof(*sighand), GFP_KERNEL);
	init_waitqueue_head(&sighand->wqh);
	init_waitqueue_func_entry(&epi.wait, ep_poll_callback);
	epi.whead = &sighand->wqh;
	add_wait_queue(&sighand->wqh, &epi.wait);
}

THREAD(ep_remove)
{
	wait_queue_head_t *whead;

	rcu_read_lock();
	whead = smp_load_acquire(&epi.whead);
	if (whead)
		remove_wait_queue(whead, &epi.wait);
	rcu_read_unlock();
}

THREAD(exit_signal)
{
#ifdef FIX_POLLFREE
	if (waitqueue_active(&sighand->wqh))
		wake_up_poll(&sighand->wqh, EPOLLHUP | POLLFREE);
	kfree_rcu(sighand, rcu);
#else
	kfree(sighand);
#endif
}
