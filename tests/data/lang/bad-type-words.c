// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static long short a;
static unsigned signed b;
static int int c;
static struct page int d;
static static int e;
THREAD(t) { assert(1); }
