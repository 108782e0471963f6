// SPDX-License-Identifier: GPL-2.0-or-later
// AIO completion ring: one side publishes events in interrupt context, the other reaps them.
// @source fs/aio.c v3.6: aio_complete(), aio_read_evt()
// @bug AIO-01 2ff396be602f10b5eab8e73b24f20348fa2de159 (v3.17) reader may see the new tail and the old event
// @seed present
// @expect lkmm: violation (assertion)   sc, tso: safe
// @expect[FIX_READ_BARRIER] all: safe
#include <ringtail.h>

#define NR 2

struct io_event {
	u64 data;
};

static struct {
	unsigned int head, tail;
	struct io_event events[NR];
} ring;

static void aio_complete(u64 data)
{
	unsigned int tail = ring.tail;

	WRITE_ONCE(ring.events[tail].data, data);
	smp_wmb(); /* the event before the tail */
	WRITE_ONCE(ring.tail, (tail + 1) % NR);
}

static int aio_read_evt(struct io_event *ent)
{
	unsigned int head = ring.head % NR;

	if (head == READ_ONCE(ring.tail))
		return 0;
#ifdef FIX_READ_BARRIER
	smp_rmb();
#endif
	ent->data = READ_ONCE(ring.events[head].data);
	smp_mb(); /* finish reading the event before the head moves */
	ring.head = (head + 1) % NR;
	return 1;
}

IRQ(interrupt) { aio_complete(7); }

THREAD(reader)
{
	struct io_event e;

	if (aio_read_evt(&e))
		assert(e.data == 7);
}
