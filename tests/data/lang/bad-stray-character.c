// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static int x = 1 ` 2;
static int y = \ 3;
THREAD(t) { assert(1); }
