// SPDX-License-Identifier: GPL-2.0-or-later
// treiber: W threads push a node each onto Treiber's stack, R threads pop one if there is one. A pointer is a node's
// number beside a count of changes, so that a stale one cannot be mistaken for a fresh one (ABA).
#include <ringtail.h>
#ifndef W
#define W 3
#endif
#ifndef R
#define R 3
#endif
#define POINTER(node, count) ((u64)(count) << 32 | (u64)(node))
#define NODE(p) ((int)((p) & 0xffffffff))
#define COUNT(p) ((p) >> 32)
static struct {
	int value;
	u64 next;
} node[W + 1];
static u64 top;
static void push(int n)
{
	node[n].value = n;
	for (;;) {
		u64 old = smp_load_acquire(&top);

		WRITE_ONCE(node[n].next, old);
		if (cmpxchg_release(&top, old, POINTER(n, COUNT(old) + 1)) == old)
			break;
	}
}
static void pop(void)
{
	for (;;) {
		u64 old = smp_load_acquire(&top), next;

		if (NODE(old) == 0)
			return;
		next = READ_ONCE(node[NODE(old)].next);
		if (cmpxchg_release(&top, old, POINTER(NODE(next), COUNT(old) + 1)) != old)
			continue;
		assert(node[NODE(old)].value == NODE(old));
		return;
	}
}
#define WRITER(i) THREAD(w##i) { push(i); }
#define READER(i) THREAD(r##i) { pop(); }
WRITER(1) WRITER(2)
#if W >= 3
WRITER(3)
#endif
READER(1) READER(2)
#if R >= 3
READER(3)
#endif
