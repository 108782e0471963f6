// SPDX-License-Identifier: GPL-2.0-or-later
// Of thousands of executions few are wrong: the search ends late in the tree.
// @expect all: violation (assertion)
#include <ringtail.h>
static int x[10];
#define W(i) THREAD(w##i) { if (READ_ONCE(x[i]) == 0) WRITE_ONCE(x[i + 1], 1); }
W(0) W(1) W(2) W(3) W(4) W(5) W(6) W(7) W(8)
FINALLY { assert(!(x[1] && !x[2] && x[3] && !x[4] && x[5] && !x[6] && x[7] && !x[8])); }
