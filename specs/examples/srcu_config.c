// SPDX-License-Identifier: GPL-2.0-or-later
// A configuration that sleepable readers use under SRCU; the updater swaps it and frees the old one.
// @expect all: safe
// @expect[NO_SYNC] all: violation (use after free)
// @expect[WRONG_DOMAIN] all: violation (use after free)
#include <ringtail.h>
struct config { int a, b; };
static struct config *config;
DEFINE_STATIC_SRCU(config_srcu);
#ifdef WRONG_DOMAIN
DEFINE_STATIC_SRCU(other_srcu);
#endif
static DEFINE_MUTEX(config_mutex);

static struct config *make_config(int v)
{
	struct config *c = kzalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return NULL;
	*c = (struct config){ .a = v, .b = v };
	return c;
}
INIT { config = make_config(1); }

THREAD(reader)
{
	struct config *c;
	int idx;

	idx = srcu_read_lock(&config_srcu);
	c = srcu_dereference(config, &config_srcu);
	assert(c->a == c->b);
	srcu_read_unlock(&config_srcu, idx);
}
THREAD(updater)
{
	struct config *new = make_config(2), *old;

	mutex_lock(&config_mutex);
	old = rcu_dereference_protected(config, lockdep_is_held(&config_mutex));
	rcu_assign_pointer(config, new);
	mutex_unlock(&config_mutex);
#ifdef NO_SYNC
#elif defined(WRONG_DOMAIN)
	synchronize_srcu(&other_srcu);
#else
	synchronize_srcu(&config_srcu);
#endif
	kfree(old);
}
