// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
THREAD(t) { assert(1); }
/* and so on
