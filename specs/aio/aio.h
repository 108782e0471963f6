// SPDX-License-Identifier: GPL-2.0-or-later
// The objects of fs/aio.c v3.6 (include/linux/aio.h, aio_abi.h), less the members that no second thread sees: file
// references, eventfds, iovecs, priorities. The rest of the path is in the other headers of this folder, a concern a
// file; a scenario is a .c file with its threads.
//
// The kernel of that time read several fields without their lock and without a mark. Those accesses are READ_ONCE() and
// WRITE_ONCE() here, so that what is left under lkmm is the order of the accesses and not their being plain.
//
//   ring.h      the completion ring: aio_setup_ring(), aio_complete(), aio_read_evt()
//   context.h   kioctx: ioctx_alloc(), lookup_ioctx(), put_ioctx(), io_setup()
//   destroy.h   its end: kill_ctx(), io_destroy(), exit_aio()
//   request.h   kiocb: batches, aio_get_req(), aio_put_req()
//   run.h       aio_run_iocb(), kicks and retries
//   submit.h    io_submit(), io_cancel()
//   events.h    read_events(), io_getevents(), timeouts
//   sync.c      requests that are waited for: wait_on_sync_kiocb()
//   scene.h     what most scenarios begin with; driver.h: a driver that completes later
//   ring_pages.h  the ring since v3.12, whose pages migrate
// @source include/linux/aio.h, include/linux/aio_abi.h, fs/aio.c v3.6: struct kioctx, struct kiocb, struct aio_ring
#pragma once
#include <ringtail.h>
#include "../lib/requests.h"
#include "../lib/workqueue.h"

#ifndef NR_EVENTS
#define NR_EVENTS (MAX_REQUESTS + 2) /* "1 is required, 2 for good luck" */
#endif

struct iocb { /* what the user hands in; its place in iocbs[] is the request's name */
	int aio_key;
	int aio_lio_opcode;
};

struct io_event {
	struct iocb *obj;
	long res;
};

struct aio_ring { /* the page that the user maps too */
	unsigned int id, nr, head, tail;
	struct io_event io_events[NR_EVENTS];
};

struct aio_ring_info {
	struct aio_ring *ring_pages[1];
	spinlock_t ring_lock; /* of the head */
	unsigned int nr, tail; /* the kernel's own copies; the tail is under ctx_lock */
};

struct mm_struct {
	spinlock_t ioctx_lock;
	struct hlist_head ioctx_list;
};

struct kioctx {
	atomic_t users;
	int dead;
	struct mm_struct *mm;
	unsigned long user_id;
	struct hlist_node list;
	wait_queue_head_t wait;
	spinlock_t ctx_lock;
	int reqs_active;
	struct list_head active_reqs; /* used for cancellation */
	struct list_head run_list;    /* used for kicked requests */
	unsigned int max_reqs;
	struct aio_ring_info ring_info;
	struct work_struct wq;
	struct rcu_head rcu_head;
};

struct kiocb {
	struct list_head ki_run_list;
	unsigned long ki_flags;
	int ki_users;
	struct kioctx *ki_ctx;
	int (*ki_cancel)(struct kiocb *iocb, struct io_event *res);
	ssize_t (*ki_retry)(struct kiocb *iocb);
	struct iocb *ki_obj_user;
	struct list_head ki_list; /* on active_reqs */
	int ki_abandoned; /* for the books: kill_ctx() has given it up, nobody is to get its event */
	struct list_head ki_batch;
};

#define KIF_KICKED 1
#define KIF_CANCELLED 2
#define kiocbTryKick(iocb) test_and_set_bit(KIF_KICKED, &(iocb)->ki_flags)
#define kiocbIsKicked(iocb) test_bit(KIF_KICKED, &(iocb)->ki_flags)
#define kiocbClearKicked(iocb) clear_bit(KIF_KICKED, &(iocb)->ki_flags)
#define kiocbSetCancelled(iocb) set_bit(KIF_CANCELLED, &(iocb)->ki_flags)
#define kiocbIsCancelled(iocb) test_bit(KIF_CANCELLED, &(iocb)->ki_flags)

static struct kmem_cache kiocb_cache = KMEM_CACHE_INIT(struct kiocb);
static struct kmem_cache kioctx_cache = KMEM_CACHE_INIT(struct kioctx);
static struct kmem_cache *kiocb_cachep = &kiocb_cache;
static struct kmem_cache *kioctx_cachep = &kioctx_cache;

static struct mm_struct user_mm;
#define current_mm (&user_mm)
static struct iocb iocbs[MAX_REQUESTS];
#define iocb_id(iocb) ((long)((iocb) - iocbs))

static DEFINE_SPINLOCK(aio_nr_lock);
static unsigned long aio_nr;
static unsigned long aio_max_nr = 0x10000;
