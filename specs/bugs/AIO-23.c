// SPDX-License-Identifier: GPL-2.0-or-later
// A driver asks for its request to be cancellable, and the request is not one of AIO's: the kiocb that it was handed lies in no
// aio_kiocb.
// @source fs/aio.c v6.8: kiocb_set_cancel_fn()
// @bug AIO-23 961ebd120565cb60cebe21cb634fbc456022db4a (v6.9) fs/aio: Check IOCB_AIO_RW before the struct aio_kiocb conversion
// @seed other: there the method is a member of struct kiocb itself
// @expect all: violation (out of bounds)
// @expect[FIX_AIO_23] all: safe
#include <ringtail.h>

#define IOCB_AIO_RW 1

struct kiocb { int ki_flags; };

typedef int kiocb_cancel_fn(struct kiocb *);

struct aio_kiocb {
	struct kiocb rw;
	spinlock_t *ctx_lock;
	struct list_head ki_list;
	kiocb_cancel_fn *ki_cancel;
};

static struct kiocb *synchronous, *asynchronous;
static DEFINE_SPINLOCK(ctx_lock);

INIT
{
	struct aio_kiocb *req = kzalloc(sizeof(*req), GFP_KERNEL);

	INIT_LIST_HEAD(&req->ki_list);
	req->ctx_lock = &ctx_lock;
	req->rw.ki_flags = IOCB_AIO_RW;
	asynchronous = &req->rw;
	synchronous = kzalloc(sizeof(*synchronous), GFP_KERNEL); /* on a stack: read() */
}

static int cancel(struct kiocb *iocb)
{
	return iocb->ki_flags;
}

static void kiocb_set_cancel_fn(struct kiocb *iocb, kiocb_cancel_fn *fn)
{
	struct aio_kiocb *req;

#ifdef FIX_AIO_23
	if (!(iocb->ki_flags & IOCB_AIO_RW)) /* before any member of what may not be there */
		return;
	req = container_of(iocb, struct aio_kiocb, rw);
	if (WARN_ON_ONCE(!list_empty(&req->ki_list)))
		return;
#else
	req = container_of(iocb, struct aio_kiocb, rw);
	if (WARN_ON_ONCE(!list_empty(&req->ki_list)))
		return;
	if (!(iocb->ki_flags & IOCB_AIO_RW))
		return;
#endif
	spin_lock(req->ctx_lock);
	req->ki_cancel = fn;
	spin_unlock(req->ctx_lock);
}

THREAD(driver) { kiocb_set_cancel_fn(choose(0, 1) ? asynchronous : synchronous, cancel); }
