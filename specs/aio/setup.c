// SPDX-License-Identifier: GPL-2.0-or-later
// The user guesses the name that io_setup() is about to give a context (it is an address), and destroys it.
// @source fs/aio.c v3.6: ioctx_alloc(), io_setup(), io_destroy()
// @bug[AIO_07] AIO-07 (v3.3) aio: fix io_setup/io_destroy race
// @seed fixed
// Evidence: subject and author are certain, the commit's hash is not, so none is named.
// @expect all: safe
// @expect[AIO_07] all: violation (use after free)
#include "destroy.h"

static unsigned long ctx_id;

THREAD(creator)
{
	sys_io_setup(MAX_REQUESTS, &ctx_id);
}

// It knows the address without having been told.
THREAD(guesser)
{
	struct kioctx *guess;
	unsigned long id = 0;

	rcu_read_lock();
	hlist_for_each_entry_rcu(guess, &user_mm.ioctx_list, list)
		id = guess->user_id;
	rcu_read_unlock();
	if (id)
		sys_io_destroy(id);
}

REQUESTS_INVARIANTS
