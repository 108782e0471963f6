// SPDX-License-Identifier: GPL-2.0-or-later
// The ring that perf shares with user space: the reader gives room back before it has read what was in it.
// @source kernel/events/ring_buffer.c v3.12: perf_output_begin(), perf_output_put_handle(); tools/perf/util/evlist.h
//   perf_mmap__write_tail()
// @bug PERF-01 (v3.13) perf: Fix perf ring buffer memory ordering
// @expect sc, tso: safe   lkmm: violation (data race)
// @expect[FIX_PERF_01] all: safe
#include <ringtail.h>

enum { NR_BYTES = 16 };

struct perf_event_header { u32 type; u16 misc; u16 size; };

struct perf_event_mmap_page { u64 data_head, data_tail; };

struct ring_buffer {
	unsigned long head;
	struct perf_event_mmap_page *user_page;
	struct perf_event_header data[];
};

static struct perf_event_mmap_page page;
static struct ring_buffer *rb;

INIT
{
	rb = kzalloc(sizeof(*rb) + NR_BYTES, GFP_KERNEL);
	rb->user_page = &page;
}

static bool perf_output_space(u64 tail, u64 offset, u64 head)
{
	return head - tail <= NR_BYTES && offset >= tail;
}

static int perf_output(u32 type)
{
	struct perf_event_header h = { .type = type, .size = sizeof(h) };
	u64 tail, offset, head;

	tail = READ_ONCE(rb->user_page->data_tail);
	offset = head = rb->head;
	head += sizeof(h);
	if (!perf_output_space(tail, offset, head))
		return -ENOSPC;
#ifdef FIX_PERF_01
	smp_mb();
#endif
	rb->data[(offset & (NR_BYTES - 1)) / sizeof(h)] = h;
	rb->head = head;
	smp_wmb();
	WRITE_ONCE(rb->user_page->data_head, head);
	return 0;
}

THREAD(kernel)
{
	u32 type = 1;

	do
		(void)perf_output(type);
	while (++type <= 3);
}

THREAD(user)
{
	u64 head = READ_ONCE(page.data_head), tail = 0;

	smp_rmb();
	for (; tail != head; tail += sizeof(struct perf_event_header)) {
		const struct perf_event_header *e = &rb->data[(tail & (NR_BYTES - 1)) / sizeof(*e)];
		u32 type = e->type;

		assert(type == tail / 8 + 1 && e->size == 8);
	}
#ifdef FIX_PERF_01
	smp_mb();
#endif
	WRITE_ONCE(page.data_tail, tail);
}
