// SPDX-License-Identifier: GPL-2.0-or-later
// A driver that takes a request and completes it later, in an interrupt of the scenario's choice.
#pragma once
#include "aio.h"

static struct kiocb *driver_queue;

static inline ssize_t aio_rw_retry(struct kiocb *iocb)
{
	smp_store_release(&driver_queue, iocb);
	return -EIOCBQUEUED;
}

static inline struct kiocb *driver_next(void)
{
	struct kiocb *iocb = smp_load_acquire(&driver_queue);

	WRITE_ONCE(driver_queue, NULL);
	return iocb;
}
