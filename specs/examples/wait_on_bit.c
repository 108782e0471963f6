// SPDX-License-Identifier: GPL-2.0-or-later
// A buffer is read in: who wants it sleeps until the bit goes, and whoever clears the bit must look for sleepers after that.
// @expect all: safe
// @expect[NO_BARRIER] sc: safe   tso: safe   lkmm: violation (lost wakeup)
// @expect[NO_WAKEUP] all: violation (lost wakeup)
#include <ringtail.h>

#define BUF_READING 0

static unsigned long state = BIT(BUF_READING);
static int contents;

THREAD(user)
{
	BUILD_BUG_ON(BUF_READING >= 8 * sizeof(state));
	wait_on_bit(&state, BUF_READING, TASK_UNINTERRUPTIBLE);
	assert(contents == 7);
}

IRQ(completion)
{
	contents = 7;
#ifdef NO_WAKEUP
	clear_bit_unlock(BUF_READING, &state);
#elif defined(NO_BARRIER)
	clear_bit_unlock(BUF_READING, &state);
	wake_up_bit(&state, BUF_READING);
#else
	clear_and_wake_up_bit(BUF_READING, &state);
#endif
}
