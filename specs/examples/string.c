// SPDX-License-Identifier: GPL-2.0-or-later
// Objects that are moved over themselves, pointers that are looked at once, names, and numbers as a network writes them.
// @expect all: safe
#include <ringtail.h>

struct ent {
	int key, value;
};

static struct ent leaf[4] = { { 1, 10 }, { 2, 20 }, { 3, 30 } };
static struct ent first[2] = { { 5, 6 }, { 5, 6 } }, second[2] = { { 7, 8 }, { 7, 8 } };
static struct ent *published = first;
static char name[8];

static void insert(void)
{
	int i;

	memmove(&leaf[1], &leaf[0], 3 * sizeof(*leaf));
	leaf[0] = (struct ent){ 0, 0 };
	for (i = 0; i < 4; i++)
		assert(leaf[i].key == i && leaf[i].value == 10 * i);
	memmove(leaf, leaf + 1, 3 * sizeof(*leaf));
	assert(leaf[0].key == 1 && leaf[2].key == 3);
}

THREAD(look)
{
	struct ent copy[2], *p = copy;

	memcpy(p++, READ_ONCE(published), sizeof(copy)); /* one array or the other */
	assert(copy[0].key == copy[1].key && p == &copy[1]);
	assert(memset(copy, 0, sizeof(copy)) == copy && !copy[1].value);
}

static void names(void)
{
	__be16 port = htons(0x1234);
	__be64 guid = cpu_to_be64(0x0102030405060708ULL);

	assert(strcpy(name, "ring") == name && strlen(name) == 4);
	assert(!strcmp(name, "ring") && strcmp(name, "rind") > 0 && strcmp(name, "rings") < 0);
	assert(port == 0x3412 && ntohs(port) == 0x1234 && be64_to_cpu(guid) >> 56 == 1 && (u8)guid == 1);
	assert(be32_to_cpu(htonl(0xfffefdfc)) == 0xfffefdfc && le64_to_cpu(cpu_to_le64(3)) == 3);
	assert(S64_MIN < 0 && S16_MAX == 32767 && S8_MIN == -128);
}

INIT
{
	insert();
	names();
}

THREAD(publish) { WRITE_ONCE(published, second); }
