// SPDX-License-Identifier: GPL-2.0-or-later
// Ranges that are empty, too long, or not the last; a type that nothing gives.
static int empty[4] = { [3 ... 1] = 1 };
static int beyond[4] = { [1 ... 4] = 1 };
static struct {
	int x;
} inside[4] = { [0 ... 1].x = 1 };
static __auto_type global = 1;

static inline void f(void)
{
	__auto_type none;
}
