// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
union word { long whole; int half[2]; };
THREAD(t) { assert(1); }
