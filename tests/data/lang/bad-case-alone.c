// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
THREAD(u) { case 1: assert(1); }
THREAD(v) { default: assert(1); }
