// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
THREAD(t)
{
	x = 1;
	int y = z;
	foo(y);
	y->a = 2;
	return y;
}
THREAD(t) { y++; }
