// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
struct flags { unsigned dirty : 1; unsigned locked : 1; char name[4]; };
struct wide { unsigned a : 33; bool b : 2; int *c : 3; int d : -1; unsigned e : 0; unsigned f : choose(1, 2); unsigned g : 2, g : 3; };
struct between { char before; unsigned x : 20; };
static struct flags f;
THREAD(t)
{
	unsigned *p = &f.dirty;

	WRITE_ONCE(f.dirty, 1);
	assert(READ_ONCE(f.locked) == 0);
	assert(ACCESS_ONCE(f.locked) == 0);
	assert(sizeof(f.dirty) == offsetof(struct flags, locked));
	set_bit(f.dirty, p);
}
