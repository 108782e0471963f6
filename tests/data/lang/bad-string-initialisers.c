// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static char shorter[3] = "ring";
static char escaped[] = "a\qb";
static int numbers[4] = "ring";
THREAD(t) { assert(shorter[0] == 'a'); }
