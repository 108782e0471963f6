// SPDX-License-Identifier: GPL-2.0-or-later
// Tags of requests in a bitmap. One is always in use; who looks for it sees the word as it was at one moment, and finds it.
// @expect all: safe
// @expect[MOVED_LATE] all: violation (assertion)
// @expect[BIT_BY_BIT] all: violation (assertion)
// @expect[NO_BARRIER] sc, tso: safe   lkmm: violation (assertion)
#include <ringtail.h>

static DECLARE_BITMAP(tags, 64) = { BIT(7) };
static int request, answer;

THREAD(mover)
{
#ifdef MOVED_LATE
	clear_bit(7, tags);
	set_bit(3, tags);
#else
	set_bit(3, tags);
	smp_mb__after_atomic();
	clear_bit(7, tags);
#endif
}

THREAD(scanner)
{
	unsigned long bit = 64;
#ifdef BIT_BY_BIT
	for (bit = 0; bit < 8; bit++)
		if (test_bit(bit, tags))
			break;
	assert(bit < 8);
#else
	bit = find_first_bit(tags, 64);
	assert(bit == 3 || bit == 7);
	assert(find_next_bit(tags, 8, bit + 1) >= 7);
	assert(find_first_zero_bit(tags, 64) == 0);
#endif
}

// fls() is an instruction, no branch: what is stored after it does not wait for what was read.
THREAD(reader)
{
	int last = fls(READ_ONCE(request));

#ifndef NO_BARRIER
	smp_mb();
#endif
	WRITE_ONCE(answer, 1);
	assert(last == 0);
}

THREAD(repeater)
{
	WRITE_ONCE(request, READ_ONCE(answer));
}

FINALLY
{
	assert(fls(0) == 0 && fls(1) == 1 && fls(0x80000000) == 32 && fls64(0x80000000) == 32 && fls64(~0UL) == 64);
	assert(ffs(0) == 0 && ffs(0x50) == 5 && __ffs(0x50) == 4 && __fls(0x50) == 6 && ffz(0x17) == 3 && __ffs(1UL << 63) == 63);
	assert(hweight8(0x1ff) == 8 && hweight32(0xf0f0f0f0) == 16 && hweight64(~0UL) == 64 && hweight_long(BIT(63) | 1) == 2);
	assert(ilog2(1) == 0 && ilog2(64) == 6 && roundup_pow_of_two(33) == 64 && rounddown_pow_of_two(33) == 32 && order_base_2(33) == 6);
	assert(bitmap_weight(tags, 64) == 1);
}
