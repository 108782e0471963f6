// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
struct ring { int head; };
static struct ring ring, *p = &ring;
THREAD(t)
{
	assert(ring.tail);
	assert(p.head);
	assert(ring->head);
	assert(p->tail);
	assert(ring.head.x);
	assert(ring);
	assert(!ring);
}
