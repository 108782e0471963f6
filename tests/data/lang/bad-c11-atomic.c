// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static _Atomic int x;
THREAD(t) { assert(1); }
