// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static struct { void *list; unsigned long counters; } slab;
THREAD(t)
{
	assert(cmpxchg_double(&slab.list, &slab.counters, NULL, 0, NULL, 1));
	cmpxchg128(&slab, 0, 1);
	kthread_run(t, NULL, "t");
	call_srcu(&slab, NULL, NULL);
}
