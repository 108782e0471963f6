// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
#else
#endif
#elif 1
THREAD(t) { assert(1); }
