// SPDX-License-Identifier: GPL-2.0-or-later
// The number of events that all AIO contexts of the system may have: what is taken when a context is made is given back
// when it goes, and the sum is what the contexts hold, for any number of contexts made and gone at once.
// @source fs/aio.c v3.6: ioctx_alloc(), __put_ioctx()
// @bug AIO-21 2a8a98673c13 (v4.15) what is given back is not what was taken
// @expect all: safe
// @expect[AIO_21] all: violation (invariant)
// @expect[NO_MAX] all: violation (invariant)
#include <ringtail.h>

static DEFINE_SPINLOCK(aio_nr_lock);
static unsigned long aio_nr;
#define aio_max_nr 4UL

static unsigned long held; /* by all contexts together: what the accounting is about */

INVARIANT_UNDER(aio_nr_lock, aio_nr == held)
INVARIANT_UNDER(aio_nr_lock, aio_nr <= aio_max_nr)

/* A context of another thread's making: all that is known is that what it holds is part of the sum. */
static int ioctx_alloc(unsigned nr_events)
{
	spin_lock(&aio_nr_lock);
#ifdef NO_MAX
	if (aio_nr + nr_events < aio_nr) {
#else
	if (aio_nr + nr_events > aio_max_nr || aio_nr + nr_events < aio_nr) {
#endif
		spin_unlock(&aio_nr_lock);
		return -EAGAIN;
	}
	aio_nr += nr_events;
	held += nr_events;
	spin_unlock(&aio_nr_lock);
	return 0;
}

static void put_ioctx(unsigned nr_events)
{
	spin_lock(&aio_nr_lock);
	if (held < nr_events) { /* nobody made such a context */
		spin_unlock(&aio_nr_lock);
		return;
	}
	held -= nr_events;
#ifdef AIO_21
	nr_events += nr_events; /* doubled for the per-CPU batches when it was made, but only there */
#endif
	aio_nr -= nr_events;
	spin_unlock(&aio_nr_lock);
}

THREAD(setup) { ioctx_alloc(choose(1U, 5U)); } /* one of 5 is refused */
THREAD(destroy) { put_ioctx(choose(1U, 3U)); }
