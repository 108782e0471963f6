// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
THREAD(t) { assert((1 + 2); }
THREAD(u) { if 1) assert(1); }
THREAD(v) { while (1 assert(1); }
