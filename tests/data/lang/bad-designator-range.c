// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static int a[4] = { [0 ... 3] = 1 };
THREAD(t) { assert(1); }
