// SPDX-License-Identifier: GPL-2.0-or-later
// A variable's scope ends with its call, however it is left, and the youngest goes first: what a C compiler makes of it, too.
// @expect all: safe
#include <ringtail.h>

static unsigned long order;

static void note(int *p) { order = order * 10 + (unsigned long)*p; }

#define VARIABLE(name, n) int name __attribute__((__unused__, __cleanup__(note))) = (n)

static int value_first(void)
{
	VARIABLE(a, 1);
	VARIABLE(b, 2);

	return (int)order + a + b; /* before the calls */
}

static void loops(void)
{
	int i;

	for (i = 0; i < 4; i++) {
		VARIABLE(a, 3);

		if (i == 0)
			continue;
		{
			VARIABLE(b, 4);

			if (i == 1)
				break;
		}
	}
}

static void jumps(void)
{
	int again = 0;

	{
		VARIABLE(a, 5);
back:
		{
			VARIABLE(b, 6);

			if (again++ < 1)
				goto back;
			goto out;
		}
	}
out:
	switch (again) {
	default: {
		VARIABLE(c, 7);
		break;
	}
	}
}

static int inside(void)
{
	return ({ VARIABLE(a, 8); a + 1; });
}

THREAD(t)
{
	assert(value_first() == 3 && order == 21);
	order = 0;
	loops();
	assert(order == 343);
	order = 0;
	jumps();
	assert(order == 6657);
	order = 0;
	assert(inside() == 9 && order == 8);
}
