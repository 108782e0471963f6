// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
struct two { int a, b; };
static struct two x = (struct two){ 1, 2 };
static struct two *y = &(struct two){ 1, 2 };
THREAD(t) { assert((struct two){ 1, 2 }); assert((struct three){ 1 }.a); }
