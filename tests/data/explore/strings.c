// SPDX-License-Identifier: GPL-2.0-or-later
// Arrays of characters that strings initialise, and strings that pointers point to.
// @expect all: safe
// @expect[OTHER] all: violation (assertion)
#include <ringtail.h>
struct device {
	char name[6];
	int minor;
};
static char whole[] = "ri\x6eg\n", part[4] = { "ab" }, full[2] = "xy";
static struct device devices[] = { { "tty", 1 }, { .minor = 2, .name = "hda" } };
static const char *pointed = "p\0q";

static int same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

THREAD(t)
{
	char local[] = "loc", copy[4] = "c";

	assert(sizeof(whole) == 6 && sizeof(local) == 4);
	assert(same(whole, "ring\n"));
	assert(part[0] == 'a' && part[1] == 'b' && part[2] == 0 && part[3] == 0);
	assert(full[0] == 'x' && full[1] == 'y');
	assert(same(devices[0].name, "tty") && devices[0].minor == 1);
	assert(same(devices[1].name, "hda") && devices[1].minor == 2);
	assert(pointed[0] == 'p' && pointed[1] == 0 && pointed[2] == 'q');
	assert(same(local, "loc") && same(copy, "c") && copy[3] == 0);
#ifdef OTHER
	assert(same(local, "lot"));
#endif
}
