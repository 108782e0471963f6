// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
struct s { int a, b; };
static struct s s;
static int *p;
THREAD(t)
{
	assert(-p);
	assert(~p);
	assert(s + 1);
	assert(p | 1);
	assert((int)s);
	assert((struct s)1);
	assert(s ? 1 : 2);
	assert(1 ? s : p);
	s++;
}
