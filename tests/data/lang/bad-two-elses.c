// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
#if 0
#else
#else
#endif
THREAD(t) { assert(1); }
