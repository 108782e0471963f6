// SPDX-License-Identifier: GPL-2.0-or-later
// What lies some way behind an array is no other object.
// @expect all: violation (out of bounds)
#include <ringtail.h>

static int table[4], other[4];

THREAD(writer)
{
	for (int i = 0; i <= 6; i += 6)
		WRITE_ONCE(table[i], 1);
}

FINALLY { assert(other[0] <= 1); }
