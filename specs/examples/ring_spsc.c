// SPDX-License-Identifier: GPL-2.0-or-later
// A ring for one producer and one consumer (Documentation/core-api/circular-buffers.rst).
// @expect all: safe
// @expect[NO_RELEASE] sc, tso: safe  lkmm: violation
// @expect[OVERRUN] sc, tso: violation (assertion)   lkmm: violation
#include <ringtail.h>
#define SIZE 2
struct ring {
	unsigned long head, tail;
	struct { u16 len; u8 data[2]; } slot[SIZE];
};
static struct ring ring;

static bool produce(int v)
{
	unsigned long head = ring.head;

#ifndef OVERRUN
	if (head - smp_load_acquire(&ring.tail) >= SIZE)
		return false;
#endif
	ring.slot[head % SIZE].len = (u16)v;
	ring.slot[head % SIZE].data[0] = (u8)v;
#ifdef NO_RELEASE
	WRITE_ONCE(ring.head, head + 1);
#else
	smp_store_release(&ring.head, head + 1);
#endif
	return true;
}
static int consume(void)
{
	unsigned long head = smp_load_acquire(&ring.head);
	unsigned long tail = ring.tail;
	int v;

	if (head == tail)
		return 0;
	v = ring.slot[tail % SIZE].len;
	assert(v == ring.slot[tail % SIZE].data[0]);
	smp_store_release(&ring.tail, tail + 1);
	return v;
}
THREAD(producer)
{
	for (int i = 1; i <= 3; i++)
		produce(i);
}
THREAD(consumer)
{
	int last = 0;

	for (int i = 0; i < 2; i++) {
		int v = consume();

		if (v) {
			assert(v == last + 1);
			last = v;
		}
	}
}
