// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static char name[8] = "ring";
THREAD(t) { assert(1); }
