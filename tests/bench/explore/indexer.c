// SPDX-License-Identifier: GPL-2.0-or-later
// indexer: N threads insert four keys each into a hash table of 128 slots, by compare-and-swap and linear probing;
// keys of the first eleven threads never meet (Flanagan, Godefroid, POPL 2005).
#include <ringtail.h>
#ifndef N
#define N 15
#endif
#define SIZE 128
#define KEYS 4
static int table[SIZE];
static void insert(int thread)
{
	for (int i = 1; i <= KEYS; i++) {
		int key = i * 11 + thread, slot = key * 7 % SIZE;

		while (cmpxchg_relaxed(&table[slot], 0, key) != 0)
			slot = (slot + 1) % SIZE;
	}
}
FINALLY
{
	int keys = 0;

	for (int i = 0; i < SIZE; i++)
		keys += table[i] != 0;
	assert(keys == N * KEYS);
}
#define T(i) THREAD(t##i) { insert(i); }
T(0) T(1) T(2) T(3) T(4) T(5) T(6) T(7) T(8) T(9) T(10) T(11) T(12) T(13) T(14)
#if N >= 16
T(15)
#endif
