// SPDX-License-Identifier: GPL-2.0-or-later
// A reader of two words that a writer changes together retries until it has seen both of one time.
// @expect all: safe
// @expect[BUG_NO_RETRY] all: violation (assertion)
#include <ringtail.h>

static DEFINE_SEQLOCK(lock);
static int low, high;

THREAD(writer)
{
	write_seqlock(&lock);
	WRITE_ONCE(low, 1);
	WRITE_ONCE(high, 1);
	write_sequnlock(&lock);
}

THREAD(reader)
{
	unsigned int seq;
	int a, b;

	do {
		seq = read_seqbegin(&lock);
		a = READ_ONCE(low);
		b = READ_ONCE(high);
#ifdef BUG_NO_RETRY
		break;
#endif
	} while (read_seqretry(&lock, seq));
	assert(a == b);
}
