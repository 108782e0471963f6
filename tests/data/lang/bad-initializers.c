// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
struct pair { int a, b; };
static int x = 1;
static int y = x;
static int z[2] = { 1, 2, 3 };
static struct pair p = { .c = 1 };
static struct pair q = { [0] = 1 };
static int w[2] = { [5] = 1 };
static int v = { 1, 2 };
static int u[] = 1;
static int s[];
int d = 1;
int d = 2;
THREAD(t) { assert(1); }
