// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
THREAD(t) { void *p = &&out; assert(p); out: ; }
