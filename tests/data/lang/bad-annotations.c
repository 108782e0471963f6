// SPDX-License-Identifier: GPL-2.0-or-later
// @expcet all: safe
// @expect nonsense: safe
// @expect sc safe
// @expect sc: fine
// @expect sc: violation (boredom)
// @expect sc: safe  sc: violation
// @expect tso: safe (deadlock)
// @expect lkmm: violation (deadlock
// @expect[FIX all: safe
// @expect[] all: safe
// @expect
// @bug
#include <ringtail.h>
THREAD(t) { assert(1); }
