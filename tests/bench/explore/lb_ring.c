// SPDX-License-Identifier: GPL-2.0-or-later
// LB-ring: each of N threads loads its variable and stores to the next one's.
#include <ringtail.h>
#ifndef N
#define N 14
#endif
static int x[N];
#define T(i) THREAD(t##i) { assert(READ_ONCE(x[i]) <= 1); WRITE_ONCE(x[(i + 1) % N], 1); }
T(0) T(1) T(2) T(3) T(4) T(5) T(6) T(7) T(8) T(9) T(10) T(11) T(12) T(13)
#if N >= 17
T(14) T(15) T(16)
#endif
