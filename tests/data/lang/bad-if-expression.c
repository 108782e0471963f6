// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
#if "a"
#endif
#if 1 +
#endif
#if 1 / 0
#endif
#if 1 2
#endif
#if defined
#endif
#if f(1)
#endif
#if *1
#endif
THREAD(t) { assert(1); }
