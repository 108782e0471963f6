// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static int n;
THREAD(t)
{
	assert(offsetof(n, a));
	assert(offsetof(struct rcu_head));
	assert(offsetof(struct rcu_head, 1));
}
