// SPDX-License-Identifier: GPL-2.0-or-later
// A member of a structure that an expression gives: of a call, a comma, an assignment, a choice, a block.
// @expect all: safe
// @expect[WRONG] all: violation (assertion)
#include <ringtail.h>

struct pair {
	long first;
	int second[2];
};
struct one {
	long value;
};

static struct pair a = { 3, { 1, 2 } }, b = { 4, { 5, 6 } };

static struct pair get(void) { return a; }
static struct one wrap(long value) { return (struct one){ value }; }

THREAD(t)
{
	struct pair p;
	struct one o;
	int yes = 1;

	assert(get().first == 3 && get().second[1] == 2);
	assert((yes, get()).first == 3 && (yes++, b).second[0] == 5);
	assert((p = b).first == 4 && p.second[1] == 6);
	assert((yes ? a : b).first == 3 && (yes ? get() : b).second[1] == 2);
	assert(({ p = a; p; }).second[0] == 1);
	assert((yes, (struct pair){ 8 }).first == 8);
	assert(wrap(7).value == 7 && (yes, wrap(8)).value == 8 && ({ wrap(9); }).value == 9 && (o = wrap(5)).value == 5);
#ifdef WRONG
	assert((yes, b).first == 3);
#else
	assert(yes == 2);
#endif
}
