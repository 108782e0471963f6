// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static DEFINE_WW_CLASS(class);
static DEFINE_SPNLOCK(lock);
DEFINE_MUTX(other);
FINALY { assert(1); }
TREAD(t) { assert(1); }
