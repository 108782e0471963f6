// SPDX-License-Identifier: GPL-2.0-or-later
// An interrupt handler reads under an rwlock that the thread it interrupts may hold for writing.
// @expect all: safe
// @expect[NO_IRQ] all: violation (deadlock)
#include <ringtail.h>
static DEFINE_RWLOCK(lock);
static int lo, hi;
THREAD(task)
{
#ifdef NO_IRQ
	write_lock(&lock);
#else
	write_lock_irq(&lock);
#endif
	lo++;
	hi++;
#ifdef NO_IRQ
	write_unlock(&lock);
#else
	write_unlock_irq(&lock);
#endif
}
IRQ_ON(timer, task)
{
	read_lock(&lock);
	assert(lo == hi);
	read_unlock(&lock);
}
