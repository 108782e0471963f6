// SPDX-License-Identifier: GPL-2.0-or-later
// @expect sc: safe
// @expect sc, tso: safe
#include <ringtail.h>
THREAD(t) { assert(1); }
