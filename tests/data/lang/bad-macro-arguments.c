// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
#define ADD(a, b) ((a) + (b))
static int x = ADD(1);
static int y = ADD(1, 2, 3);
THREAD(t) { assert(1); }
static int z = ADD(1, 2;
