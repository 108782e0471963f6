// SPDX-License-Identifier: GPL-2.0-or-later
// A pointer goes through a structure on the stack before it is followed. LKMM lets plain accesses carry dependencies since
// v6.3, so the reader needs no barrier there.
// @expect sc, tso, lkmm: safe   lkmm-6.1: violation (assertion)
// @expect[RELAXED] sc, tso: safe   lkmm: violation (assertion)
#include <ringtail.h>

struct item {
	int value;
};

struct cursor {
	struct item *at;
	int steps;
};

static struct item first, second;
static struct item *head = &first;

static int look(struct cursor *c)
{
	c->steps++;
	return READ_ONCE(c->at->value);
}

THREAD(writer)
{
	WRITE_ONCE(second.value, 1);
#ifdef RELAXED
	WRITE_ONCE(head, &second);
#else
	smp_store_release(&head, &second);
#endif
}

THREAD(reader)
{
	struct cursor c = { .at = READ_ONCE(head) };
	int value = look(&c);

	assert(c.steps == 1);
	assert(c.at == &first || value == 1);
}
