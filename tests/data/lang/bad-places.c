// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static int x, a[2];
THREAD(t)
{
	1 = x;
	x + 1 = 2;
	&1;
	(x)++ ++;
	a = 0;
	*x = 1;
	x[1] = 2;
	f() = 1;
	x();
}
