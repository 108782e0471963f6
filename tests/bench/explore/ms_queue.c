// SPDX-License-Identifier: GPL-2.0-or-later
// ms_queue: two threads that enqueue and then dequeue on Michael and Scott's queue. A pointer is a node's number beside
// a count of changes. Node 1 is the dummy at the start.
#include <ringtail.h>
#define POINTER(node, count) ((u64)(count) << 32 | (u64)(node))
#define NODE(p) ((int)((p) & 0xffffffff))
#define COUNT(p) ((p) >> 32)
static struct {
	int value;
	u64 next;
} node[4];
static u64 head = 1, tail = 1;
static void enqueue(int n)
{
	u64 last, next;

	node[n].value = n;
	for (;;) {
		last = smp_load_acquire(&tail);
		next = smp_load_acquire(&node[NODE(last)].next);
		if (last != READ_ONCE(tail))
			continue;
		if (NODE(next) == 0 &&
		    cmpxchg_release(&node[NODE(last)].next, next, POINTER(n, COUNT(next) + 1)) == next)
			break;
		next = smp_load_acquire(&node[NODE(last)].next);
		cmpxchg_release(&tail, last, POINTER(NODE(next), COUNT(last) + 1));
	}
	cmpxchg_release(&tail, last, POINTER(n, COUNT(last) + 1));
}
static int dequeue(void)
{
	for (;;) {
		u64 first = smp_load_acquire(&head), last = READ_ONCE(tail);
		u64 next = smp_load_acquire(&node[NODE(first)].next);

		if (READ_ONCE(head) != first)
			continue;
		if (NODE(first) == NODE(last)) {
			if (NODE(next) == 0)
				return 0;
			cmpxchg_release(&tail, last, POINTER(NODE(next), COUNT(last) + 1));
		} else if (cmpxchg_release(&head, first, POINTER(NODE(next), COUNT(first) + 1)) == first) {
			return node[NODE(next)].value;
		}
	}
}
THREAD(t0) { enqueue(2); int got = dequeue(); assert(got == 2 || got == 3); }
THREAD(t1) { enqueue(3); int got = dequeue(); assert(got == 2 || got == 3); }
