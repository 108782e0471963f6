// SPDX-License-Identifier: GPL-2.0-or-later
// process_madvise() stops at a range that fails and says only that it failed, not how far it came: who goes on from there
// advises the ranges before once more.
// @source mm/madvise.c v5.17: process_madvise()
// @bug MADV-18 5bd009c7c9a9e888077c07535dc0c70aeab242c3 (v5.18) mm: madvise: return correct bytes advised with process_madvise
// @seed other, the call is younger
// @expect all: violation (assertion)
// @expect[FIX_MADV_18] all: safe
#include <ringtail.h>

#define NR 3

struct iov_iter { int next; size_t count; };
static const size_t length[NR] = { 4096, 8192, 4096 };
static int advised[NR];
static bool unmapped[NR];

static int do_madvise(int range)
{
	if (unmapped[range])
		return -ENOMEM;
	advised[range]++;
	return 0;
}

static ssize_t process_madvise(struct iov_iter *iter)
{
	size_t total_len = iter->count;
	ssize_t ret = 0;

	while (iter->count) {
		ret = do_madvise(iter->next);
		if (ret < 0)
			break;
		iter->count -= length[iter->next++];
	}
#ifdef FIX_MADV_18
	return total_len - iter->count ? (ssize_t)(total_len - iter->count) : ret;
#else
	return ret < 0 ? ret : (ssize_t)(total_len - iter->count);
#endif
}

// As a manager of other processes' memory does it: what failed is left out, and the rest is tried again.
THREAD(manager)
{
	int failing = choose(0, NR), at = 0, i;

	if (failing < NR)
		unmapped[failing] = true;
	while (at < NR) {
		struct iov_iter iter = { .next = at };
		ssize_t done;

		for (i = at; i < NR; i++)
			iter.count += length[i];
		done = process_madvise(&iter);
		if (done < 0)
			done = 0;
		while (at < NR && done >= (ssize_t)length[at])
			done -= (ssize_t)length[at++];
		if (at < NR && unmapped[at])
			at++; /* this one is left out */
		else if (at < NR && !unmapped[at] && advised[at])
			break; /* no progress is said of: it would go on for ever */
	}
	for (i = 0; i < NR; i++)
		assert(advised[i] == (i == failing ? 0 : 1));
}
