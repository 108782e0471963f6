// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static int f(void) { return; }
static void g(void) { return 1; }
static int *h(void) { return 1; }
THREAD(t) { return 1; }
