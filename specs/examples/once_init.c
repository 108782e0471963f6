// SPDX-License-Identifier: GPL-2.0-or-later
// Double-checked initialisation: the flag must be published after the data.
// @expect all: safe
// @expect[PLAIN_FLAG] sc, tso: safe   lkmm: violation
// @expect[NO_LOCK] sc, tso: violation (assertion)   lkmm: violation
#include <ringtail.h>
static bool ready;
static int table[2], inits;
#ifndef NO_LOCK
static DEFINE_SPINLOCK(init_lock);
#endif

static void init_table(void)
{
	for (int i = 0; i < ARRAY_SIZE(table); ++i)
		table[i] = i + 1;
	++inits;
}
static int get(int i)
{
#ifdef PLAIN_FLAG
	if (!READ_ONCE(ready)) {
#else
	if (!smp_load_acquire(&ready)) {
#endif
#ifndef NO_LOCK
		spin_lock(&init_lock);
#endif
		if (!READ_ONCE(ready)) {
			init_table();
#ifdef PLAIN_FLAG
			WRITE_ONCE(ready, true);
#else
			smp_store_release(&ready, true);
#endif
		}
#ifndef NO_LOCK
		spin_unlock(&init_lock);
#endif
	}
	return table[i];
}
THREAD(a) { int v = get(0); assert(v == 1); }
THREAD(b) { int v = get(1); assert(v == 2); }
FINALLY { assert(inits == 1); }
