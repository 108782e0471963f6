// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
struct s { int a; long a; int; struct t t; };
struct s { int b; };
enum e { };
static enum missing m;
THREAD(t) { assert(1); }
