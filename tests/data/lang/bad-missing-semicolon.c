// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static int x;
THREAD(t)
{
	int a = 1
	int b = 2;
	x = a + b
	assert(x);
}
