// SPDX-License-Identifier: GPL-2.0-or-later
// A lock that is taken if it is free, for as long as a scope lasts; and a reader's section of SRCU that ends by itself.
// @expect all: safe
// @expect[ANYWAY] sc, tso: violation (assertion)   lkmm: violation (data race)
// @expect[NO_SECTION] all: violation (use after free)
#include <ringtail.h>

struct setting {
	int value;
};

static DEFINE_MUTEX(lock);
DEFINE_STATIC_SRCU(readers);
static struct setting __rcu *setting;
static int updates, refused[2];

INIT
{
	struct setting *s = kmalloc(sizeof(*s), GFP_KERNEL);

	s->value = 1;
	RCU_INIT_POINTER(setting, s);
}

static int update(void)
{
#ifdef ANYWAY
	updates++;
#else
	scoped_cond_guard(mutex_try, return -EBUSY, &lock)
		updates++;
#endif
	return 0;
}

THREAD(one) { refused[0] = update(); }

THREAD(two)
{
	struct setting *old = rcu_access_pointer(setting);

	refused[1] = update();
	RCU_INIT_POINTER(setting, NULL);
	synchronize_srcu(&readers);
	kfree(old);
}

THREAD(reader)
{
#ifndef NO_SECTION
	guard(srcu)(&readers);
#endif
	struct setting *s = srcu_dereference(setting, &readers);

	if (s)
		assert(READ_ONCE(s->value) == 1);
}

FINALLY
{
	assert(!mutex_is_locked(&lock));
	assert(updates == 2 + (refused[0] + refused[1]) / EBUSY); /* who was refused did nothing */
	assert(updates >= 1);
}
