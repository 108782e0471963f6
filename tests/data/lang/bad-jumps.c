// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
THREAD(t) { break; }
THREAD(u) { continue; }
THREAD(v) { goto nowhere; }
THREAD(w) { out: out: assert(1); }
