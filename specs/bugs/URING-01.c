// SPDX-License-Identifier: GPL-2.0-or-later
// Cancelling a poll request while its wakeup runs: who owns the request?
// @source io_uring/poll.c v6.0: io_poll_get_ownership(), io_poll_cancel_req(), io_poll_check_events()
// @bug URING-01 12ad3d2d6c5b0131a6052de91360849e3e154846 (v6.1) io_uring/poll: fix poll_refs race with cancelation
// @expect all: violation (use after free)
// @expect[FIX_URING_01] all: safe
#include <ringtail.h>

#define IO_POLL_CANCEL_FLAG	BIT(31)
#define IO_POLL_REF_MASK	GENMASK(30, 0)

struct req { atomic_t poll_refs; struct hlist_node hash_node; };
static struct req *req;
static HLIST_HEAD(cancel_hash);
static DEFINE_SPINLOCK(hash_lock);

INIT
{
	req = kzalloc(sizeof(*req), GFP_KERNEL);
	atomic_set(&req->poll_refs, 1);	/* a wakeup owns it, its task work is about to run */
	hlist_add_head(&req->hash_node, &cancel_hash);
}

static bool get_ownership(struct req *r)
{
	return !(atomic_fetch_inc(&r->poll_refs) & IO_POLL_REF_MASK);
}

static void task_func(struct req *r)
{
	u32 v;

	do {
		v = atomic_read(&r->poll_refs);
		if (unlikely(!(v & IO_POLL_REF_MASK)))
			BUG();
		if (v & IO_POLL_CANCEL_FLAG) {
			spin_lock(&hash_lock);
			hash_del(&r->hash_node);
			spin_unlock(&hash_lock);
			kfree(r);
			return;
		}
#ifdef FIX_URING_01
	} while (atomic_sub_return(v & IO_POLL_REF_MASK, &r->poll_refs) & IO_POLL_REF_MASK);
#else
	} while (atomic_sub_return(v & IO_POLL_REF_MASK, &r->poll_refs));
#endif
}

THREAD(wakeup) { task_func(req); }

THREAD(cancel)
{
	struct req *r;
	bool owned = false;

	spin_lock(&hash_lock);
	hlist_for_each_entry(r, &cancel_hash, hash_node) {
		atomic_or(IO_POLL_CANCEL_FLAG, &r->poll_refs);
		owned = get_ownership(r);
		break;
	}
	spin_unlock(&hash_lock);
	if (owned)
		task_func(r);
}
