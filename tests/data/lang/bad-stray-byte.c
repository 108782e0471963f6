// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static int xé = 1;
THREAD(t) { assert(1); }
