// SPDX-License-Identifier: GPL-2.0-or-later
// io_submit() gives back what it has not used of a batch, against io_destroy().
// It takes a batch of two and fails at the first iocb. What is left of a batch counts as active until it is given back; if
// that brings the count to zero, a destroyer may be waiting for it.
// @source fs/aio.c v3.6: kiocb_batch_refill(), kiocb_batch_free(), kill_ctx(); v3.2 without the wakeup
// @bug[AIO_04] AIO-04 880641bb9da2473e9ecf6c708d993b29928c1b3c (v3.3) aio: wake up waiters when freeing unused kiocbs
// @seed fixed
// @expect all: safe
// @expect[AIO_04] all: violation (lost wakeup)
#include "aio.h"

static inline ssize_t aio_rw_retry(struct kiocb *iocb) /* done at once */
{
	return REQUEST_RESULT(iocb_id(iocb->ki_obj_user));
}
#include "submit.h"
#include "scene.h"

INIT
{
	iocbs[0].aio_lio_opcode = IOCB_CMD_FAULT;
	looked_up();
	looked_up();
}

THREAD(submitter) { submit_all(ctx, 2); }
THREAD(destroyer) { destroy_looked_up(ctx); }

REQUESTS_INVARIANTS
