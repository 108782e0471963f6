// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
#assert foo
#error not for 2.6
THREAD(t) { assert(1); }
