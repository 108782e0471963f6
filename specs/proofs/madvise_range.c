// SPDX-License-Identifier: GPL-2.0-or-later
// The range of madvise(): a length is rounded up to pages, which may wrap, and so may the end.
// @source mm/madvise.c v4.5-rc: sys_madvise()
// @expect all: safe
// @expect[NO_ROUND_CHECK] all: violation (assertion)
// @expect[NO_END_CHECK] all: violation (assertion)
// @expect[NO_ALIGN_CHECK] all: violation (assertion)
// @expect[REFUSES_NOTHING] all: violation (assertion)
#include <ringtail.h>

#define PAGE_SIZE 4096UL
#define PAGE_MASK (~(PAGE_SIZE - 1))

static unsigned long range_start, range_end;

/* 1: the range is walked; 0: nothing to do; an errno */
static int madvise_range(unsigned long start, unsigned long len_in)
{
	unsigned long len, end;

#ifndef NO_ALIGN_CHECK
	if (start & ~PAGE_MASK)
		return -EINVAL;
#endif
	len = (len_in + ~PAGE_MASK) & PAGE_MASK;
#ifndef NO_ROUND_CHECK
	if (len_in && !len)
		return -EINVAL;
#endif
	end = start + len;
#ifdef REFUSES_NOTHING
	if (end <= start)
		return -EINVAL;
#elif !defined(NO_END_CHECK)
	if (end < start)
		return -EINVAL;
#endif
	if (end == start)
		return 0;
	range_start = start;
	range_end = end;
	return 1;
}

PROOF(range)
{
	unsigned long start = choose(0UL, ~0UL), len = choose(0UL, ~0UL), at = choose(0UL, ~0UL);
	int ret = madvise_range(start, len);

	if (ret == 0)
		assert(len == 0);
	if (ret != 1)
		return;
	assert(range_start < range_end);
	assert((range_start & ~PAGE_MASK) == 0 && (range_end & ~PAGE_MASK) == 0);
	assert(range_end - range_start >= len);
	assert(range_end - range_start - len < PAGE_SIZE);
	/* every byte that was asked for is in a page that is walked */
	assume(at >= start && at - start < len);
	assert(at >= range_start && at < range_end);
}

/* What is refused had no range: either it does not begin at a page, or it goes round the end of memory. */
PROOF(refused_for_a_reason)
{
	unsigned long start = choose(0UL, ~0UL), len = choose(0UL, ~0UL);

	if (madvise_range(start, len) >= 0)
		return;
	assert((start & ~PAGE_MASK) != 0 || start + len < start || start > 0UL - PAGE_SIZE - len || len > 0UL - PAGE_SIZE);
}
