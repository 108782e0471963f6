// SPDX-License-Identifier: GPL-2.0-or-later
// readers: one writer, N readers of one variable.
#include <ringtail.h>
#ifndef N
#define N 13
#endif
static int x;
THREAD(writer) { WRITE_ONCE(x, 1); }
#define R(i) THREAD(r##i) { assert(READ_ONCE(x) <= 1); }
R(1) R(2) R(3) R(4) R(5) R(6) R(7) R(8) R(9) R(10) R(11) R(12) R(13)
#if N >= 16
R(14) R(15) R(16)
#endif
