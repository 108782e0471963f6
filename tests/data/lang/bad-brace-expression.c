// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static int x;
THREAD(t) { x = { 1 }; }
