// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static int x y;
struct s { int a };
THREAD(t)
{
	x = ;
	if (x { x = 1; }
	for (;;;) { }
	assert(x) }
THREAD(u) { do x++; until (x); }
