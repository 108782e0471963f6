// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
struct s { int a, b; };
static struct s s;
static DEFINE_SPINLOCK(lock);
INVARIANT(whole, s);
INVARIANT_UNDER(s, 1);
INVARIANT_UNDER(&lock, s.c == 1);
INVARIANT_UNDER(lock + 1, 1);
THREAD(t) { assert(1); }
