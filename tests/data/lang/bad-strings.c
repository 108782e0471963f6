// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
THREAD(t) { int x = "ring"; assert("ring" == 1); }
