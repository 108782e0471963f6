// SPDX-License-Identifier: GPL-2.0-or-later
// A driver that takes requests and completes them later, from a thread that stands for its interrupt: the thread waits for
// a request, or for the word that none will come. A scenario whose requests are always done at once needs none of this.
#pragma once
#include "aio.h"

static struct kiocb *driver_queue;
static int driver_idle;

static inline ssize_t aio_rw_retry(struct kiocb *iocb)
{
	smp_store_release(&driver_queue, iocb);
	return -EIOCBQUEUED;
}

static inline void driver_no_more(void)
{
	smp_store_release(&driver_idle, 1);
}

// NULL when there is nothing to do for ever.
static inline struct kiocb *driver_next(void)
{
	struct kiocb *iocb;

	for (;;) {
		int idle = smp_load_acquire(&driver_idle);

		iocb = smp_load_acquire(&driver_queue);
		if (iocb || idle)
			break;
		cpu_relax();
	}
	driver_queue = NULL;
	return iocb;
}
