// SPDX-License-Identifier: GPL-2.0-or-later
// What each kind of statement is lowered to: loops, jumps, and the join of every branch.
// @expect all: safe
#include <ringtail.h>

static int x, y;

static int early(int n)
{
	if (n < 0)
		return -1;
	if (n == 0)
		goto out;
	while (n--) {
		if (READ_ONCE(x) == n)
			continue;
		if (READ_ONCE(y))
			break;
	}
	do
		n++;
	while (n < 3);
	for (;;) {
		switch (n) {
		case 1:
			n = 2;
			fallthrough;
		case 2 ... 4:
			return n;
		default:
			break;
		}
		n = choose(1, 4);
	}
out:
	WRITE_ONCE(y, 1);
	return 0;
}

THREAD(t) { assert(early(2) >= 0); }
