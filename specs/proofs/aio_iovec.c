// SPDX-License-Identifier: GPL-2.0-or-later
// aio_advance_iovec() after a partial transfer: bytes done and bytes left are what they were together, the current segment
// is one of them while bytes are left, and no segment behind the last is touched.
// @source fs/aio.c v3.6: aio_advance_iovec(), aio_rw_vect_retry()
// @expect all: safe
// @expect[NO_SEG_CHECK] all: violation (out of bounds)
// @expect[RET_NOT_ZERO] all: violation (assertion)
// @expect[LEFT_BY_RET] all: violation (assertion)
// @expect[NO_STEP] all: violation (assertion)
#include <ringtail.h>

#define SEGS 3

struct iovec {
	unsigned long iov_base;
	unsigned long iov_len;
};

static struct {
	struct iovec ki_iovec[SEGS];
	unsigned long ki_nr_segs, ki_cur_seg;
	long ki_left;
} iocb;

/* One round of the loop: what is left of ret. */
static long advance_one(struct iovec **iov, long ret)
{
	long this = min((long)(*iov)->iov_len, ret);

	(*iov)->iov_base += this;
	(*iov)->iov_len -= this;
#ifdef LEFT_BY_RET
	iocb.ki_left -= ret;
#else
	iocb.ki_left -= this;
#endif
	ret -= this;
#ifndef NO_STEP
	if ((*iov)->iov_len == 0) {
		iocb.ki_cur_seg++;
		(*iov)++;
	}
#endif
	return ret;
}

static long advance_all(long ret)
{
	struct iovec *iov = &iocb.ki_iovec[iocb.ki_cur_seg];

#ifdef NO_SEG_CHECK
	while (ret > 0) {
#elif defined(RET_NOT_ZERO)
	while (iocb.ki_cur_seg < iocb.ki_nr_segs && ret != 0) {
#else
	while (iocb.ki_cur_seg < iocb.ki_nr_segs && ret > 0) {
#endif
		ret = advance_one(&iov, ret);
#ifdef NO_STEP
		break;
#endif
	}
	return ret;
}

static void aio_advance_iovec(long ret)
{
	ret = advance_all(ret);
	BUG_ON(ret > 0 && iocb.ki_left == 0);
}

static long total(void)
{
	long sum = 0;
	int i;

	for (i = 0; i < SEGS; i++)
		if (i >= iocb.ki_cur_seg && i < iocb.ki_nr_segs)
			sum += iocb.ki_iovec[i].iov_len;
	return sum;
}

/* rw_copy_check_uvector(): each length is positive as a long, and so is their sum */
static long any_vector(unsigned long first, unsigned long nr_segs)
{
	int i;

	for (i = 0; i < SEGS; i++) {
		iocb.ki_iovec[i].iov_base = choose(0UL, ~0UL);
		iocb.ki_iovec[i].iov_len = choose(0UL, 0x7ffff000UL);
	}
	iocb.ki_nr_segs = nr_segs;
	iocb.ki_cur_seg = first;
	iocb.ki_left = total();
	return iocb.ki_left;
}

/* What the file system says it did: never more than there was. */
static long any_ret(long before)
{
	long ret = choose(-4095L, SEGS * 0x7ffff000L);

	assume(ret <= before);
	return ret;
}

static void advance(unsigned long first, unsigned long nr_segs)
{
	long before = any_vector(first, nr_segs), ret = any_ret(before);
	unsigned long base = iocb.ki_iovec[first].iov_base;

	aio_advance_iovec(ret);

	assert(iocb.ki_left == (ret > 0 ? before - ret : before));
	assert(iocb.ki_left == total());
	assert(iocb.ki_cur_seg >= first && iocb.ki_cur_seg <= iocb.ki_nr_segs);
	if (ret > 0 && iocb.ki_left > 0)
		assert(iocb.ki_cur_seg < iocb.ki_nr_segs);
	if (ret > 0 && iocb.ki_cur_seg == first)
		assert(iocb.ki_iovec[first].iov_base == base + ret);
}

PROOF(one_segment) { advance(0, 1); }
PROOF(two_segments) { advance(0, 2); }
PROOF(from_the_second) { advance(1, 3); }

/* Three segments: the first round either does all that was done, or leaves what from_the_second begins with. */
PROOF(first_round_of_three)
{
	long before = any_vector(0, 3), ret = any_ret(before), left;
	struct iovec *iov = &iocb.ki_iovec[0];

	assume(ret > 0);
	left = advance_one(&iov, ret);
	assert(iocb.ki_left == before - (ret - left));
	assert(iocb.ki_left == total());
	assert(left >= 0 && left <= iocb.ki_left);
	assert(left == 0 || iocb.ki_cur_seg == 1);
	assert(iov == &iocb.ki_iovec[iocb.ki_cur_seg]);
}

/* Who says that he did more than there was is stopped at the last segment (and by the BUG_ON). */
PROOF(too_much)
{
	any_vector(SEGS - 1, SEGS);
	advance_all(choose(1L, SEGS * 0x7ffff000L));
	assert(iocb.ki_cur_seg <= iocb.ki_nr_segs);
}
