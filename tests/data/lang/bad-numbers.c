// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
enum { A = 12q };
enum { B = 0x };
enum { C = 99999999999999999999 };
enum { D = 1lll };
enum { E = 9223372036854775808 };
enum { F = 08 };
THREAD(t) { assert(1); }
