// SPDX-License-Identifier: GPL-2.0-or-later
// What io_setup(), io_submit() and io_getevents() check before they believe their arguments, for all arguments.
// @source fs/aio.c v3.6: sys_io_setup(), ioctx_alloc(), do_io_submit(), io_submit_one(), sys_io_getevents(), read_events()
// @bug 75e1c70fc314 (v2.6.36) io_submit() multiplies nr by the size of a pointer, unchecked
// @expect all: safe
// @expect[NO_NR_LIMIT] all: violation (assertion)
// @expect[NO_WRAP_CHECK] all: violation (assertion)
// @expect[NO_SIGN_CHECK] all: violation (assertion)
// @expect[MIN_UNCHECKED] all: violation (assertion)
#include <ringtail.h>

#define TASK_SIZE 0x7ffffffff000UL

static unsigned long aio_nr, aio_max_nr;

struct io_event {
	u64 data, obj;
	s64 res, res2;
};

static int access_ok(unsigned long addr, unsigned long size)
{
	return size <= TASK_SIZE && addr <= TASK_SIZE - size;
}

static int io_setup(unsigned nr_events, unsigned long ctx)
{
	if (ctx || nr_events == 0)
		return -EINVAL;
	if (nr_events > 0x10000000U / sizeof(struct io_event))
		return -EINVAL;
	if (nr_events > aio_max_nr)
		return -EAGAIN;
	if (aio_nr + nr_events > aio_max_nr
#ifndef NO_WRAP_CHECK
	    || aio_nr + nr_events < aio_nr
#endif
	)
		return -EAGAIN;
	aio_nr += nr_events;
	return 0;
}

/* Whatever the administrator sets, and after he has set it lower than what is in use. */
PROOF(setup_accounts)
{
	unsigned nr_events = choose(0U, ~0U);
	unsigned long ctx = choose(0UL, ~0UL), before;
	int ret;

	aio_max_nr = choose(0UL, ~0UL);
	aio_nr = before = choose(0UL, ~0UL);
	ret = io_setup(nr_events, ctx);
	if (ret) {
		assert(aio_nr == before);
		return;
	}
	assert(ctx == 0 && nr_events != 0);
	assert(aio_nr > before);
	assert(aio_nr - before == nr_events);
	assert(aio_nr <= aio_max_nr);
}

static long submit_limit(unsigned long iocbpp, long nr)
{
	if (nr < 0)
		return -EINVAL;
#ifndef NO_NR_LIMIT
	if (nr > LONG_MAX / sizeof(void *))
		nr = LONG_MAX / sizeof(void *);
#endif
	if (!access_ok(iocbpp, nr * sizeof(void *)))
		return -EFAULT;
	return nr;
}

/* Every pointer that the loop fetches lies in what access_ok() was asked about. */
PROOF(submit_stays_in_user_memory)
{
	unsigned long iocbpp = choose(0UL, ~0UL), at;
	long asked = choose(LONG_MIN, LONG_MAX), nr, i;

	nr = submit_limit(iocbpp, asked);
	if (nr < 0)
		return;
	assert(nr <= asked);
	i = choose(0L, LONG_MAX);
	assume(i < nr);
	at = iocbpp + i * sizeof(void *);
	assert(at >= iocbpp);
	assert(at + sizeof(void *) <= TASK_SIZE);
}

static int io_submit_one(u64 aio_buf, u64 aio_nbytes)
{
	if (aio_buf != (unsigned long)aio_buf || aio_nbytes != (unsigned long)aio_nbytes
#ifndef NO_SIGN_CHECK
	    || (long)aio_nbytes < 0
#endif
	)
		return -EINVAL;
	return 0;
}

/* What is left of a request is a signed number of bytes; a completion may not mistake it for an errno. */
PROOF(submitted_length_is_no_errno)
{
	u64 aio_nbytes = choose(0UL, ~0UL);
	long ki_left;

	if (io_submit_one(choose(0UL, ~0UL), aio_nbytes))
		return;
	ki_left = aio_nbytes;
	assert(ki_left >= 0);
	assert((u64)ki_left == aio_nbytes);
}

/* `ready` events are in the ring and nobody adds any: as many as there are, at least min_nr or until the timeout. */
static long read_events(long min_nr, long nr, long ready)
{
	long i = 0;

	while (i < nr) {
		if (ready == 0)
			break;
		ready--;
		i++;
	}
	if (min_nr <= i)
		return i;
	return i; /* the timeout has passed */
}

PROOF(getevents_returns_what_was_asked_for)
{
	long min_nr = choose(LONG_MIN, LONG_MAX), nr = choose(LONG_MIN, LONG_MAX), ready = choose(0, 16), ret;

#ifdef MIN_UNCHECKED
	if (!(min_nr <= nr))
		return;
#else
	if (!(min_nr <= nr && min_nr >= 0))
		return;
#endif
	ret = read_events(min_nr, nr, ready);
	assert(nr >= 0 && min_nr >= 0);
	assert(ret >= 0 && ret <= nr && ret <= ready);
	assert(ret == (nr < ready ? nr : ready));
}
