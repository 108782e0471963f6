// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
#ifdef FIX
THREAD(t) { assert(1); }
