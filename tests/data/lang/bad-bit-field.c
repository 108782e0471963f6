// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
struct flags { unsigned dirty : 1; unsigned locked : 1; };
THREAD(t) { assert(1); }
