// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static void smp_mb(void) { }
static int spin_lock;
THREAD(t) { assert(1); }
