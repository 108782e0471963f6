// SPDX-License-Identifier: GPL-2.0-or-later
// The geometry of AIO's completion ring, for every number of events that io_setup() can be asked for: sizes do not wrap,
// there is room for as many events as were asked for, and every index that the ring uses lands in a page of it, behind
// the header.
// @source fs/aio.c v3.6: ioctx_alloc(), aio_setup_ring(), aio_ring_event()
// @expect all: safe
// @expect[NO_LIMIT] all: violation (assertion)
// @expect[NO_HEADER] all: violation (assertion)
// @expect[NO_OFFSET] all: violation (assertion)
// @expect[ROUND_DOWN] all: violation (assertion)
// @expect[WRAPS_LATE] all: violation (assertion)
#include <ringtail.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)

struct io_event {
	u64 data, obj;
	s64 res, res2;
};

struct aio_ring {
	unsigned id, nr, head, tail, magic, compat_features, incompat_features, header_length;
};

#define AIO_EVENTS_PER_PAGE (PAGE_SIZE / sizeof(struct io_event))
#define AIO_EVENTS_FIRST_PAGE ((PAGE_SIZE - sizeof(struct aio_ring)) / sizeof(struct io_event))
#ifdef NO_OFFSET
#define AIO_EVENTS_OFFSET 0
#else
#define AIO_EVENTS_OFFSET (AIO_EVENTS_PER_PAGE - AIO_EVENTS_FIRST_PAGE)
#endif

static struct {
	unsigned nr;
	long nr_pages;
	unsigned long mmap_size;
} info;

/* ioctx_alloc(): what is refused before there is a ring */
static int ioctx_alloc_checks(unsigned nr_events)
{
#ifndef NO_LIMIT
	if (nr_events > 0x10000000U / sizeof(struct io_event))
		return -EINVAL;
#endif
	return nr_events ? 0 : -EAGAIN;
}

static int aio_setup_ring(unsigned max_reqs)
{
	unsigned nr_events = max_reqs;
	unsigned long size = 0;
	int nr_pages;

	nr_events += 2;
#ifndef NO_HEADER
	size = sizeof(struct aio_ring);
#endif
	size += sizeof(struct io_event) * nr_events;
#ifdef ROUND_DOWN
	nr_pages = size >> PAGE_SHIFT;
#else
	nr_pages = (size + PAGE_SIZE - 1) >> PAGE_SHIFT;
#endif
	if (nr_pages < 0)
		return -EINVAL;
#ifdef NO_HEADER
	nr_events = PAGE_SIZE * nr_pages / sizeof(struct io_event);
#else
	nr_events = (PAGE_SIZE * nr_pages - sizeof(struct aio_ring)) / sizeof(struct io_event);
#endif
	info.nr_pages = nr_pages;
	info.mmap_size = nr_pages * PAGE_SIZE;
	info.nr = nr_events;
	return 0;
}

static unsigned set_up(void)
{
	unsigned max_reqs = choose(0U, ~0U);

	assume(ioctx_alloc_checks(max_reqs) == 0);
	assume(aio_setup_ring(max_reqs) == 0);
	return max_reqs;
}

/* One slot of a ring stays empty, so that full and empty are told apart. */
PROOF(capacity)
{
	unsigned max_reqs = set_up();

	assert(info.nr_pages > 0);
	assert(info.nr - 1 >= max_reqs);
	assert(info.nr > max_reqs);
}

PROOF(sizes_do_not_wrap)
{
	unsigned max_reqs = set_up();
	unsigned long wanted = sizeof(struct aio_ring) + sizeof(struct io_event) * ((unsigned long)max_reqs + 2);

	assert(info.mmap_size >= wanted);
	assert(info.mmap_size >> PAGE_SHIFT == info.nr_pages);
	assert(info.mmap_size < 1UL << 31);
}

PROOF(every_index_is_inside)
{
	unsigned nr, pos;
	unsigned long page, start;

	set_up();
	nr = choose(0U, ~0U);
	assume(nr < info.nr);
	pos = nr + AIO_EVENTS_OFFSET;
	page = pos / AIO_EVENTS_PER_PAGE;
	start = pos % AIO_EVENTS_PER_PAGE * sizeof(struct io_event);
	assert(page < info.nr_pages);
	assert(start + sizeof(struct io_event) <= PAGE_SIZE);
	assert(page > 0 || start >= sizeof(struct aio_ring));
}

/* head and tail go round: what follows an index of the ring is one, and the distance of two is less than its size */
PROOF(indices_go_round)
{
	unsigned head, tail, next, used;

	set_up();
	head = choose(0U, ~0U);
	tail = choose(0U, ~0U);
	assume(head < info.nr && tail < info.nr);
	next = tail + 1;
#ifdef WRAPS_LATE
	if (next > info.nr)
#else
	if (next >= info.nr)
#endif
		next = 0;
	assert(next < info.nr);
	used = tail >= head ? tail - head : info.nr - head + tail;
	assert(used < info.nr);
}
