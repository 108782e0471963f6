// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static int log_all(const char *format, ...);
THREAD(t) { assert(1); }
