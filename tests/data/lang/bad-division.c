// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
THREAD(t) { int x = choose(0, 1); assert(x / 0); assert(x % 0); assert(x << 32); assert(x >> -1); }
