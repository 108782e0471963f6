// SPDX-License-Identifier: GPL-2.0-or-later
// The contexts of an address space: a context is listed until it is dead, it dies once, and its list's reference is put
// once, whoever destroys it and however often.
// @source fs/aio.c v3.6: ioctx_alloc(), io_destroy()
// @expect all: safe
// @expect[NO_WAS_DEAD] all: violation (invariant)
// @expect[DEAD_STAYS_LISTED] all: violation (invariant)
#include <ringtail.h>

#define NR_CTX 2

struct kioctx {
	unsigned char made, listed, dead, list_refs;
};

static DEFINE_SPINLOCK(ioctx_lock);
static struct kioctx ctx[NR_CTX];

#define WELL(c) ((c).listed + (c).dead == (c).made && (c).made <= 1 && (c).dead <= 1 && (c).listed <= 1)

INVARIANT_UNDER(ioctx_lock, WELL(ctx[0]) && WELL(ctx[1]))
INVARIANT_UNDER(ioctx_lock, ctx[0].list_refs == ctx[0].listed && ctx[1].list_refs == ctx[1].listed)

static void ioctx_alloc(int i)
{
	spin_lock(&ioctx_lock);
	if (!ctx[i].made) {
		ctx[i].made = 1;
		ctx[i].list_refs = 1;
		ctx[i].listed = 1;
	}
	spin_unlock(&ioctx_lock);
}

static void io_destroy(int i)
{
	spin_lock(&ioctx_lock);
	if (ctx[i].made) {
		int was_dead = ctx[i].dead;

		ctx[i].dead = 1;
#ifndef DEAD_STAYS_LISTED
		ctx[i].listed = 0;
#endif
#ifdef NO_WAS_DEAD
		was_dead = 0;
#endif
		if (!was_dead)
			ctx[i].list_refs--;
	}
	spin_unlock(&ioctx_lock);
}

THREAD(setup) { ioctx_alloc(choose(0, 1)); }
THREAD(destroy) { io_destroy(choose(0, 1)); }
THREAD(destroy_too) { io_destroy(0); }
