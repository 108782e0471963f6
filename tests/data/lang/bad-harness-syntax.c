// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
THREAD { assert(1); }
THREAD(1) { assert(1); }
IRQ_ON(tick) { }
INVARIANT(1 == 1);
THREAD(u);
INIT(x) { }
