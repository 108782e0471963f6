// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static int x;
static long x;
static int x(void);
static int f(void) { return 1; }
static int f(void) { return 2; }
static long f(void);
THREAD(t) { int a; int a; assert(1); }
THREAD(t) { assert(1); }
enum { x };
