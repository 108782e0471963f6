// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
struct s { int a; };
static int n;
THREAD(t)
{
	assert(offsetof(struct s, b));
	assert(offsetof(struct none, a));
	assert(offsetof(struct s, a[1]));
	assert(container_of(&n, struct s, b) != NULL);
}
