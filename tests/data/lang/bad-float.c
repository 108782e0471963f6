// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static double ratio;
THREAD(t) { float f = 1.5; assert(f); }
