// SPDX-License-Identifier: GPL-2.0-or-later
// ainc: eight threads, one atomic increment each.
#include <ringtail.h>
static atomic_t x;
#define T(i) THREAD(t##i) { atomic_inc(&x); }
FINALLY { assert(atomic_read(&x) == 8); }
T(1) T(2) T(3) T(4) T(5) T(6) T(7) T(8)
