// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
typedef int num_t;
THREAD(t) { assert(num_t); num_t = 1; sizeof(struct none); }
