// SPDX-License-Identifier: GPL-2.0-or-later
// The process ends while a request is in flight: exit_aio() waits for it, and the context goes after it.
// @source fs/aio.c v3.6: exit_aio(), kill_ctx(), aio_complete()
// @bug[AIO_14] AIO-14 (v3.17) aio: block exit_aio() until all context requests are completed
// @seed fixed: kill_ctx() waits; what v3.11 lost
// Evidence: the subject is certain, the commit's hash is not, so none is named.
// @expect all: safe
// @expect[AIO_14] all: violation (assertion)
#include "destroy.h"
#include "scene.h"

static struct kiocb *req;

INIT
{
	req = request_in_flight(0);
}

IRQ(interrupt) { aio_complete(req, REQUEST_RESULT(0)); }
THREAD(task) { exit_aio(&user_mm); }

REQUESTS_INVARIANTS
