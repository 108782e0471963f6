// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static int f(void)[3];
static void a[2];
static int b[-1];
static int c[1 << 30];
static int (*g)(void v);
static int d[x];
THREAD(t) { assert(1); }
