// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static int x;
enum { A = x };
static int a[x];
enum { B = 1 / 0 };
enum { C = 1 << 40 };
enum { D = f(1) };
enum { E = (x = 1) };
_Static_assert(1 == 2, "no");
THREAD(t) { assert(1); }
