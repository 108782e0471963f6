// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
THREAD(t) { else assert(1); }
THREAD(u) { while; }
