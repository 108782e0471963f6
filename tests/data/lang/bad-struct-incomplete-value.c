// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
struct two;
static struct two make(void);
static int use(struct two t);
THREAD(t) { assert(1); }
