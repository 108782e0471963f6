// SPDX-License-Identifier: GPL-2.0-or-later
// What epoll waits for goes away: whoever wakes the waiters says so by a pointer first, and touches epoll's entry
// after that.
// @source fs/eventpoll.c v4.13: ep_poll_callback(), ep_remove_wait_queue(); fs/signalfd.c: signalfd_cleanup()
// @bug FS-01 138e4ad67afd5c6c318b056b4d17c17f2c0ca5c0 (v4.14) epoll: fix race between ep_poll_callback(POLLFREE) and ep_free()/ep_remove()
// @expect all: violation (use after free)
// @expect[FIX_FS_01] all: safe
#include <ringtail.h>

#define POLLFREE 0x4000

struct eppoll_entry {
	struct list_head llink;
	wait_queue_entry_t wait;
	wait_queue_head_t *whead;
};

struct sighand {
	wait_queue_head_t signalfd_wqh;
	struct rcu_head rcu;
};

static struct sighand *sighand;
static struct eppoll_entry *pwq;

static int ep_poll_callback(wait_queue_entry_t *wait, unsigned mode, int sync, void *key)
{
	struct eppoll_entry *p = container_of(wait, struct eppoll_entry, wait);

	(void)mode;
	(void)sync;
	if ((unsigned long)key & POLLFREE) {
#ifdef FIX_FS_01
		list_del_init(&wait->entry);
		smp_store_release(&p->whead, NULL);
#else
		WRITE_ONCE(p->whead, NULL);
		list_del_init(&wait->entry);
#endif
	}
	return 1;
}

INIT
{
	sighand = kmalloc(sizeof(*sighand), GFP_KERNEL);
	init_waitqueue_head(&sighand->signalfd_wqh);
	pwq = kzalloc(sizeof(*pwq), GFP_KERNEL);
	init_waitqueue_func_entry(&pwq->wait, ep_poll_callback);
	pwq->whead = &sighand->signalfd_wqh;
	add_wait_queue(pwq->whead, &pwq->wait);
}

static void ep_remove_wait_queue(struct eppoll_entry *pwq)
{
	wait_queue_head_t *whead;

	rcu_read_lock();
#ifdef FIX_FS_01
	whead = smp_load_acquire(&pwq->whead);
#else
	whead = rcu_dereference(pwq->whead);
#endif
	if (whead)
		remove_wait_queue(whead, &pwq->wait);
	rcu_read_unlock();
}

static void ep_free(void)
{
	ep_remove_wait_queue(pwq);
	kfree(pwq);
}

static void signalfd_cleanup(struct sighand *sighand)
{
	wait_queue_head_t *wqh = &sighand->signalfd_wqh;

	if (likely(!waitqueue_active(wqh)))
		return;
	wake_up_poll(wqh, POLLFREE);
}

THREAD(close) { ep_free(); }
THREAD(exit)
{
	signalfd_cleanup(sighand);
	kfree_rcu(sighand, rcu);
}
