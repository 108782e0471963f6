// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static void f(void) { }
static void v;
THREAD(t) { int x = f(); x = (void)1; assert(f() + 1); }
