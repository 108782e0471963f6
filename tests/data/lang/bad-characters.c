// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
enum { A = '' };
enum { B = 'ab' };
enum { C = '\q' };
enum { D = '\x1ff' };
enum { E = '\777' };
THREAD(t) { assert(1); }
