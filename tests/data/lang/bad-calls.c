// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static int add(int a, int b) { return a + b; }
static void nothing(void) { }
THREAD(t)
{
	assert(add(1));
	assert(add(1, &t));
	int x = nothing();
	assert(add);
	add(1, 2)(3);
	assert(nothing());
}
