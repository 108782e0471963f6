// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
THREAD(t)
{
	int x = choose(0, 3), *p = &x;
	switch (x) {
	case 1:
	case 1:
		break;
	case 5 ... 4:
	case x:
	default:
	default:
		assert(1);
	}
	switch (p) {
	}
}
