// SPDX-License-Identifier: GPL-2.0-or-later
// An identifier is given out before the object behind it is filled in.
// @expect all: violation (assertion)
// @expect[FIX_ORDER] all: safe
#include <ringtail.h>
#include <xarray.h>

struct ctx {
	refcount_t ref;
	int ready;
};

static DEFINE_IDR(idr);
static DEFINE_MUTEX(idr_mutex);

THREAD(create)
{
	struct ctx *c = kzalloc(sizeof(*c), GFP_KERNEL);

	refcount_set(&c->ref, 1);
#ifdef FIX_ORDER
	WRITE_ONCE(c->ready, 1);
#endif
	mutex_lock(&idr_mutex);
	idr_alloc(&idr, c, 1, 0, GFP_KERNEL);
	mutex_unlock(&idr_mutex);
#ifndef FIX_ORDER
	WRITE_ONCE(c->ready, 1);
#endif
}

THREAD(use)
{
	struct ctx *c;

	rcu_read_lock();
	c = idr_find(&idr, 1);
	if (c && !refcount_inc_not_zero(&c->ref))
		c = NULL;
	rcu_read_unlock();
	if (c)
		assert(READ_ONCE(c->ready));
}
