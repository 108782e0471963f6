// SPDX-License-Identifier: GPL-2.0-or-later
// A poll request completes while io_submit() is still inside the file's poll method. Whoever completes it drops the file.
// @source fs/aio.c v5.0: aio_poll(), aio_poll_wake(), aio_poll_complete(), iocb_put()
// @bug AIO-22 84c4e1f89fefe70554da0ab33be72c9be7994379 (v5.1) aio: simplify - and fix - fget/fput for io_submit()
// @seed other: the seed has no poll requests
// @expect all: violation (use after free)
// @expect[FIX_AIO_22] all: safe
#include <ringtail.h>

struct pipe {
	wait_queue_head_t wait;
	int ready;
};

struct file {
	atomic_long_t f_count;
	struct pipe *pipe;
};

struct aio_kiocb {
	struct file *ki_filp;
	refcount_t ki_refcnt;
	wait_queue_entry_t wait;
};

static struct pipe pipe;
static struct file *file; /* closed already by its user: the request has the last reference */

INIT
{
	init_waitqueue_head(&pipe.wait);
	file = kzalloc(sizeof(*file), GFP_KERNEL);
	file->pipe = &pipe;
	atomic_long_set(&file->f_count, 1);
}

static void fput(struct file *f)
{
	if (atomic_long_dec_and_test(&f->f_count))
		kfree(f);
}

static void iocb_put(struct aio_kiocb *iocb)
{
	if (refcount_dec_and_test(&iocb->ki_refcnt)) {
#ifdef FIX_AIO_22
		fput(iocb->ki_filp); /* the file lives as long as the request */
#endif
		kfree(iocb);
	}
}

static int aio_poll_wake(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct aio_kiocb *iocb = container_of(wait, struct aio_kiocb, wait);

	(void)mode;
	(void)sync;
	(void)key;
	list_del_init(&wait->entry);
#ifndef FIX_AIO_22
	fput(iocb->ki_filp); /* aio_poll_complete() */
#endif
	iocb_put(iocb); /* the completer's */
	return 1;
}

static int pipe_poll(struct file *filp, wait_queue_entry_t *wait)
{
	add_wait_queue(&filp->pipe->wait, wait); /* poll_wait() */
	return READ_ONCE(filp->pipe->ready);
}

THREAD(submit) /* aio_poll() */
{
	struct aio_kiocb *iocb = kzalloc(sizeof(*iocb), GFP_KERNEL);
	int mask;

	iocb->ki_filp = file;
	refcount_set(&iocb->ki_refcnt, 2); /* one for submit, one for completion */
	init_waitqueue_func_entry(&iocb->wait, aio_poll_wake);
	mask = pipe_poll(iocb->ki_filp, &iocb->wait);
	if (mask) { /* ready already: nobody else completes it if it is still queued */
		bool queued;

		spin_lock(&pipe.wait.lock);
		queued = !list_empty(&iocb->wait.entry);
		if (queued)
			aio_poll_wake(&iocb->wait, 0, 0, NULL);
		spin_unlock(&pipe.wait.lock);
	}
	iocb_put(iocb);
}

THREAD(writer)
{
	WRITE_ONCE(pipe.ready, 1);
	wake_up_all(&pipe.wait);
}
