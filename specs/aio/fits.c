// SPDX-License-Identifier: GPL-2.0-or-later
// A ring with room for one event: a second request is refused until the first one's event has been read.
// No event is written over another.
// @source fs/aio.c v3.6: kiocb_batch_refill(), aio_complete(), aio_read_evt()
// @expect all: safe
// @expect[NO_ROOM_CHECK] all: violation (assertion)
#define FIX_AIO_01 /* reap.c speaks of that one */
#define NR_EVENTS 2
#include "aio.h"

static inline ssize_t aio_rw_retry(struct kiocb *iocb) /* done at once */
{
	return REQUEST_RESULT(iocb_id(iocb->ki_obj_user));
}
#include "submit.h"
#include "events.h"
#include "scene.h"

static struct kiocb *req;

INIT
{
	req = request_in_flight(1);
	looked_up();
}

THREAD(submitter)
{
	long ret = submit_all(ctx, 1);

	assert(ret == 1 || ret == -EAGAIN);
}

IRQ(interrupt) { aio_complete(req, REQUEST_RESULT(1)); }

THREAD(reader)
{
	struct io_event event;

	read_events(ctx, 0, 1, &event, 0);
}

REQUESTS_INVARIANTS
