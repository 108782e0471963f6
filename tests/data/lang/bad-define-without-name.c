// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
#define
#undef 1
#ifdef
#endif
#define F(a b
#define G(1) x
#define H ##x
THREAD(t) { assert(1); }
