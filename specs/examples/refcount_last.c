// SPDX-License-Identifier: GPL-2.0-or-later
// The last reference frees: what all holders did before comes before that, because dropping one releases, and dropping the
// last acquires. With an smp_rmb() after the branch, in place of smp_acquire__after_ctrl_dep(), it would order reads only.
// @source lib/refcount.c v6.6: refcount_dec_and_test()
// @expect all: safe
// @expect[ONLY_RMB] sc, tso: safe   lkmm: violation (use after free)
#include <ringtail.h>

struct session {
	refcount_t refs;
	int bytes;
};

static struct session *session;

INIT
{
	session = kzalloc(sizeof(*session), GFP_KERNEL);
	refcount_set(&session->refs, 2);
}

static bool last_put(refcount_t *r)
{
#ifdef ONLY_RMB
	if (atomic_fetch_sub_release(1, &r->refs) != 1)
		return false;
	smp_rmb();
	return true;
#else
	return refcount_dec_and_test(r);
#endif
}

THREAD(sender)
{
	WRITE_ONCE(session->bytes, 4);
	if (last_put(&session->refs))
		kfree(session);
}

THREAD(receiver)
{
	assert(READ_ONCE(session->bytes) != 3);
	if (last_put(&session->refs))
		kfree(session);
}
