// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static int f(int) { return 1; }
static int g(int a, int a) { return a; }
THREAD(t) { assert(f(1)); }
