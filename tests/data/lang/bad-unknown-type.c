// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static kiocb_t req;
struct s { foo_t f; };
static int f(bar_t x);
THREAD(t) { wait_t w; assert(1); }
