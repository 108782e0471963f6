// SPDX-License-Identifier: GPL-2.0-or-later
// Bit-fields: gcc's layout, C's values, one load and one store of what neighbours share.
#include <ringtail.h>

typedef unsigned char byte;
enum colour { RED, GREEN, BLUE };

struct inode {
	unsigned is_new : 1, dirty : 1;
	enum colour colour : 2;
	int delta : 3;
	bool locked : 1;
	unsigned : 4;
	unsigned users : 12;
};
struct tail { unsigned a : 4; char kind; };
struct head { char kind; byte a : 2, b : 6; };
struct after { unsigned short kind; unsigned a : 9, b : 7; };
struct crosses { unsigned a : 20, b : 20; };
struct mixed { byte a : 3; unsigned b : 20; };
struct parted { unsigned a : 1; unsigned : 0; unsigned b : 1; };
struct word { unsigned long low : 40, high : 24; };
struct only { unsigned flag : 1; };
union raw { struct { unsigned lo : 16, hi : 16; }; unsigned all; };
struct nested { int id; struct { byte x : 1, y : 1; }; };

_Static_assert(sizeof(struct inode) == 4, "one cell");
_Static_assert(sizeof(struct tail) == 4 && offsetof(struct tail, kind) == 1, "a cell of one byte");
_Static_assert(sizeof(struct head) == 2, "two locations");
_Static_assert(sizeof(struct after) == 4, "two bytes are left of the word");
_Static_assert(sizeof(struct crosses) == 8, "the second begins anew");
_Static_assert(sizeof(struct mixed) == 4, "within its word");
_Static_assert(sizeof(struct parted) == 8, "a width of 0");
_Static_assert(sizeof(struct word) == 8, "a long");
_Static_assert(sizeof(union raw) == 4, "either");
_Static_assert(sizeof(struct nested) == 8, "anonymous");

static struct inode ino = { .dirty = 1, .delta = -2, .users = 5 };
static struct head head = { 7, 2, 33 };
static struct mixed mixed;
static struct only only;
static union raw raw;

static struct only make(int flag)
{
	struct only o = { .flag = flag };

	return o;
}

THREAD(t)
{
	struct inode mine = { 1, 0, BLUE, 3, true, 9 }, copy;
	struct nested n = { .id = 4, .y = 1 };

	assert(ino.dirty && !ino.is_new && ino.delta == -2 && ino.users == 5);
	ino.users++;
	ino.delta = 3;
	ino.is_new |= ino.dirty;
	assert(ino.users == 6 && ino.delta == 3 && ino.is_new && !ino.locked);
	assert((ino.delta = 5) == -3);	/* three bits with a sign */
	assert((ino.users += 4096) == 6 && ino.users-- == 6);
	assert(ino.delta - 1 < 0 && mine.users - 10 < 0);	/* promoted to int */
	copy = mine;
	assert(copy.colour == BLUE && copy.locked && copy.users == 9);
	assert(head.kind == 7 && head.a == 2 && head.b == 33);
	mixed.b = 0xfffff;
	assert(mixed.a == 0);
	only = make(3);	/* the lowest bit of it */
	assert(only.flag);
	raw.all = 0x12345678;
	assert(raw.lo == 0x5678 && raw.hi == 0x1234);
	assert(n.id == 4 && !n.x && n.y);
}
