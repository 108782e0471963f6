// SPDX-License-Identifier: GPL-2.0-or-later
// A table grows under a read-write semaphore. Between dropping the read side and taking the write side somebody
// else may have grown it.
// @expect all: safe
// @expect[NO_RECHECK] all: violation (invariant)
#include <ringtail.h>

static DECLARE_RWSEM(sem);
static int size, grown;

INVARIANT(grows_once, grown <= 1)

static void grow_if_needed(void)
{
	down_read(&sem);
	if (size >= 1) {
		up_read(&sem);
		return;
	}
	up_read(&sem);

	down_write(&sem);
#ifndef NO_RECHECK
	if (size == 0)
#endif
	{
		size = size + 1;
		grown = grown + 1;
	}
	downgrade_write(&sem);
	assert(size >= 1);
	up_read(&sem);
}

THREAD(a) { grow_if_needed(); }
THREAD(b) { grow_if_needed(); }
