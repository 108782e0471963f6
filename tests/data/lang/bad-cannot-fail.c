// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static int x;
// @expect all: safe
THREAD(a) { WRITE_ONCE(x, 1); }
THREAD(b) { int r = READ_ONCE(x); (void)r; }
