// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static int x = ({ 1; });
THREAD(t) { assert(({ struct rcu_head h; h; })); }
