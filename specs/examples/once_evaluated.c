// SPDX-License-Identifier: GPL-2.0-or-later
// min() and its like look once at what they are given, so that what they return is within the bound whoever stores meanwhile.
// A macro that looks twice returns what it has not compared.
// @expect all: safe
// @expect[LOOKS_TWICE] all: violation (assertion)
#include <ringtail.h>

#ifdef LOOKS_TWICE
#define at_most(a, b) ((a) < (b) ? (a) : (b))
#else
#define at_most(a, b) min(a, b)
#endif

#define LENGTH_BITS GENMASK(7, 4)

static unsigned int queued;
static_assert(FIELD_GET(LENGTH_BITS, 0xabUL) == 0xa);
static_assert(FIELD_PREP(LENGTH_BITS, 3UL) == 0x30, "as it is read");

THREAD(reader)
{
	int room[8] = { 0 };
	unsigned int n = at_most(READ_ONCE(queued), 4U), m;

	assert(n <= 4);
	m = clamp(READ_ONCE(queued), 2U, 6U);
	assert(m >= 2 && m <= 6 && max(m, READ_ONCE(queued)) >= m);
	assert(room[array_index_nospec(READ_ONCE(queued), ARRAY_SIZE(room))] == 0);
	if (IS_ENABLED(CONFIG_NOBODY_HAS_THIS))
		assert(0);
	assert(is_power_of_2(READ_ONCE(queued) == 9 ? 8 : 4) && ilog2(9) == 3);
}

THREAD(writer)
{
	WRITE_ONCE(queued, 9);
}
