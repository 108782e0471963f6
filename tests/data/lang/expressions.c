// SPDX-License-Identifier: GPL-2.0-or-later
// What each kind of expression is lowered to.
// @expect all: safe
#include <ringtail.h>

struct pair { int a; long b; };
typedef struct { unsigned long pte; } pte_t;

static struct pair pairs[3] = { [1] = { 4, 5 }, { .b = 6 } };
static pte_t table[2];
static unsigned char byte;

static int short_circuit(int a, int *p) { return a && *p > 1 ? a : -a; }
static long difference(struct pair *p) { return p - pairs + pairs[1].b; }
static pte_t mkwrite(pte_t pte) { return (pte_t){ pte.pte | 2 }; }
static int steps(int x) { int y = x++; y += --x; x <<= 2; byte += x; return y; }
static bool narrow(unsigned int u, short s) { return u > s && (unsigned char)u != s; }
static int in_register(int x) { int y; *(&y) = x; return *&y; }
static int apply(int (*f)(int), int x) { return f(x) + ({ int t = x; t * 2; }); }

THREAD(t)
{
	struct pair local = pairs[1], *p = &local;
	pte_t old = READ_ONCE(table[0]);

	WRITE_ONCE(table[1], mkwrite(old));
	p->a = short_circuit(1, &p->a);
	assert(difference(&pairs[2]) == 7 || narrow(byte, 1));
	assert(apply(steps, in_register(3)) == 12);
}
