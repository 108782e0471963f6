// SPDX-License-Identifier: GPL-2.0-or-later
// An object is looked up in an xarray, and its owner erases it and drops the last reference: xa_load() protects the array,
// not what is found in it.
// @expect all: violation (use after free)
// @expect[FIX_LOCK] all: safe
#include <ringtail.h>
#include <xarray.h>

struct obj {
	refcount_t ref;
	int v;
};

static DEFINE_XARRAY(objs);

INIT
{
	struct obj *o = kzalloc(sizeof(*o), GFP_KERNEL);

	refcount_set(&o->ref, 1);
	xa_store(&objs, 1, o, GFP_KERNEL);
}

static void put(struct obj *o)
{
	if (refcount_dec_and_test(&o->ref))
		kfree(o);
}

THREAD(lookup)
{
	struct obj *o;

#ifdef FIX_LOCK
	xa_lock(&objs);
	o = xa_load(&objs, 1);
	if (o)
		refcount_inc(&o->ref);
	xa_unlock(&objs);
#else
	o = xa_load(&objs, 1);
	if (o && !refcount_inc_not_zero(&o->ref))
		o = NULL;
#endif
	if (o) {
		WRITE_ONCE(o->v, 1);
		put(o);
	}
}

THREAD(destroy)
{
	put(xa_erase(&objs, 1));
}
