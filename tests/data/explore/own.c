// SPDX-License-Identifier: GPL-2.0-or-later
// A local variable whose address is only passed down is the thread's own, like a register: a loop that waits may store
// to it. Once its address may be seen by others it is memory.
// @source raw_seqcount_begin(), include/linux/seqlock.h
// @expect all: safe
// @expect[ESCAPES] sc, tso: violation (assertion)
// @expect[ESCAPES] lkmm: violation
// @expect[RETURNS] all: violation (use after free)
// @expect[FAR] all: violation (out of bounds)
// @expect[BEFORE] all: violation (out of bounds)
// @expect[POINTER] all: violation (assertion)
// @expect[FRESH] all: safe
// @expect[COPIES] all: safe
#include <ringtail.h>
struct entry {
	u8 kind;
	u32 length;
	struct { u16 low, high; } part[2];
};
static seqcount_t seq;
static int data;
static struct entry shared = { .kind = 1, .length = 2, .part = { { 3, 4 }, { 5, 6 } } };
static int *seen, done;
static bool try_read(int *out)
{
	unsigned s = raw_seqcount_begin(&seq);

	*out = READ_ONCE(data);
	return !read_seqcount_retry(&seq, s);
}
static void copy_in(struct entry *to, const struct entry *from)
{
	*to = *from;
}
static void fill(s8 *byte, int n)
{
	*byte = n;
}
static int depth(int n, int *above)
{
	int here = n;

	if (n)
		depth(n - 1, &here);
	else
		here += 10;
	*above += here;
	return here;
}
static int *give(int *p)
{
	*p = 2;
	return p;
}
static int *gone(void)
{
	int x = 1;

	return give(&x);
}
static void set(int *p) { *p = 7; }
static void (*const setter)(int *) = set;
THREAD(reader)
{
	int sum = 0, table[4] = { 1, 2, 3, 4 }, called = 1;
	s8 byte;
#ifdef COPIES
	struct entry e, f;
#else
	int v = 9;
#endif

#ifndef COPIES
	while (!try_read(&v))
		cpu_relax();
	assert(v == 0 || v == 2);
#else
	copy_in(&e, &shared);
	f = e;
	e.part[1].low = 0xffff;
	assert(f.kind == 1 && f.length == 2 && f.part[1].low == 5 && f.part[1].high == 6);
	assert(e.part[1].low == 0xffff && e.part[1].high == 6);
	copy_in(&shared, &e);
	assert(shared.part[1].low == 0xffff && shared.kind == 1);
#endif
	fill(&byte, 0x180);
	assert(byte == -128);
	depth(2, &sum);
	assert(sum == 13);
	for (int *p = table; p < table + 4; p++)
		sum += *p;
	assert(sum == 23);
	setter(&called);
#ifdef POINTER
	assert(called == 1);
#else
	assert(called == 7);
#endif
#ifdef RETURNS
	assert(*gone() == 2);
#endif
#ifdef FAR
	assert(table[v + 4] < 5);
#endif
#ifdef BEFORE
	assert(table[v - 3] < 5);
#endif
}
#ifdef ESCAPES
THREAD(lends)
{
	int mine = 1;

	WRITE_ONCE(seen, &mine);
	assert(mine == 1);
	while (!READ_ONCE(done))
		;
}
#endif
#ifndef COPIES
THREAD(writer)
{
#ifdef ESCAPES
	int *p = READ_ONCE(seen);

	if (p)
		*p = 2;
	WRITE_ONCE(done, 1);
#else
	write_seqcount_begin(&seq);
	WRITE_ONCE(data, 1);
	WRITE_ONCE(data, 2);
	write_seqcount_end(&seq);
#endif
}
#endif
#ifdef FRESH
THREAD(fresh)
{
	for (int i = 0; i < 3; i++) {
		int sum = i;

		depth(1, &sum);
		assert(sum == i + 11);
	}
}
#endif
