// SPDX-License-Identifier: GPL-2.0-or-later
// A feature is switched on when what it needs is ready; who finds it on may use that.
// @expect all: safe
// @expect[ON_FIRST] all: violation (assertion)
#include <ringtail.h>

static DEFINE_STATIC_KEY_FALSE(feature);
static int ready;

THREAD(setup)
{
#ifdef ON_FIRST
	static_branch_enable(&feature);
#endif
	WRITE_ONCE(ready, 1);
#ifndef ON_FIRST
	static_branch_enable(&feature);
#endif
}

THREAD(user)
{
	if (static_branch_unlikely(&feature)) {
		smp_rmb();
		assert(READ_ONCE(ready));
	}
}
