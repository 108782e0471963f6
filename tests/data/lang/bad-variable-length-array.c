// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
THREAD(t) { int n = choose(1, 3); int a[n]; assert(a[0]); }
