// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
extern int tail;
static int submit(int n);
THREAD(t) { assert(submit(tail)); }
