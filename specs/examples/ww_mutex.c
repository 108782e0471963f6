// SPDX-License-Identifier: GPL-2.0-or-later
// Two buffers, reserved in two orders: who must back off lets go of what it has and waits for what it could not have.
// @source Documentation/locking/ww-mutex-design.rst v6.6
// @expect all: safe
// @expect[WAIT_DIE] all: safe
// @expect[NO_CONTEXT] all: violation (deadlock)
// @expect[KEEPS] all: violation (assertion)
#include <ringtail.h>
#include <ww_mutex.h>

#ifdef WAIT_DIE
static DEFINE_WD_CLASS(reservation);
#else
static DEFINE_WW_CLASS(reservation);
#endif
static struct ww_mutex a, b;
static int users;

INIT
{
	ww_mutex_init(&a, &reservation);
	ww_mutex_init(&b, &reservation);
}

static void submit(struct ww_mutex *first, struct ww_mutex *second)
{
#ifdef NO_CONTEXT
	ww_mutex_lock(first, NULL);
	ww_mutex_lock(second, NULL);
#else
	struct ww_acquire_ctx ctx;

	ww_acquire_init(&ctx, &reservation);
	ww_mutex_lock(first, &ctx);
	while (ww_mutex_lock(second, &ctx) == -EDEADLK) {
#ifndef KEEPS /* WARN_ON(ctx->acquired != 0) */
		ww_mutex_unlock(first);
#endif
		ww_mutex_lock_slow(second, &ctx);
		swap(first, second);
	}
	ww_acquire_done(&ctx);
#endif
	users++;
	ww_mutex_unlock(second);
	ww_mutex_unlock(first);
#ifndef NO_CONTEXT
	ww_acquire_fini(&ctx);
#endif
}

THREAD(render) { submit(&a, &b); }
THREAD(scanout) { submit(&b, &a); }

FINALLY { assert(users == 2); }
