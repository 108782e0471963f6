// SPDX-License-Identifier: GPL-2.0-or-later
// linuxrwlocks: N threads take the counting reader-writer lock that Linux once had on x86, first as a reader, then as a
// writer. Whoever finds it taken gives back what it took and waits.
#include <ringtail.h>
#ifndef N
#define N 3
#endif
#define BIAS 0x100000
static atomic_t lock = ATOMIC_INIT(BIAS);
static int shared;
static void rw_read_lock(void)
{
	while (atomic_fetch_sub_acquire(1, &lock) <= 0) {
		atomic_fetch_add_relaxed(1, &lock);
		while (atomic_read(&lock) <= 0)
			;
	}
}
static void rw_write_lock(void)
{
	while (atomic_fetch_sub_acquire(BIAS, &lock) != BIAS) {
		atomic_fetch_add_relaxed(BIAS, &lock);
		while (atomic_read(&lock) != BIAS)
			;
	}
}
static void both(int self)
{
	rw_read_lock();
	READ_ONCE(shared);
	atomic_fetch_add_release(1, &lock);
	rw_write_lock();
	WRITE_ONCE(shared, self);
	assert(READ_ONCE(shared) == self);
	atomic_fetch_add_release(BIAS, &lock);
}
#define T(i) THREAD(t##i) { both(i); }
T(1) T(2)
#if N >= 3
T(3)
#endif
