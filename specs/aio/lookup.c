// SPDX-License-Identifier: GPL-2.0-or-later
// A system call looks a context up while another destroys it.
// What it finds may have lost its last reference: it must not get a new one.
// @source fs/aio.c v3.6: lookup_ioctx(), try_get_ioctx(), put_ioctx(), io_destroy(); v2.6.37 with atomic_inc()
// @bug[AIO_06] AIO-06 3bd9a5d734c7cc7533b27abf451416c7f50095a7 (v2.6.38) aio: fix rcu ioctx lookup
// @bug[AIO_15] AIO-15 (v4.16) fs/aio: Add explicit RCU grace period when freeing kioctx
// @seed fixed: atomic_inc_not_zero() is there
// @seed fixed: call_rcu() is there
// Evidence of AIO-15: the subject is certain, the commit's hash is not, so none is named.
// @expect all: safe
// @expect[AIO_06] all: violation (use after free)
// @expect[AIO_06, PUT_AGAIN] all: violation
// @expect[AIO_15] all: violation (use after free)
#include "driver.h"
#include "submit.h"
#include "scene.h"

INIT
{
	aio_nr += MAX_REQUESTS; /* another process has a context, too */
	looked_up();
}

THREAD(destroyer) { destroy_looked_up(ctx); }

// io_cancel() of a request that is not there.
THREAD(canceller)
{
	struct kioctx *found = lookup_ioctx(ctx_id);

	if (!found)
		return;
	spin_lock_irq(&found->ctx_lock);
	BUG_ON(lookup_kiocb(found, &iocbs[0]));
	spin_unlock_irq(&found->ctx_lock);
#if !defined(AIO_06) || defined(PUT_AGAIN) /* it would be freed twice, too: PUT_AGAIN shows that */
	put_ioctx(found);
#endif
}

REQUESTS_INVARIANTS
