// SPDX-License-Identifier: GPL-2.0-or-later
// INIT and FINALLY run on the CPU of the first thread, one before and one after it.
// @expect all: safe
// @expect[OTHER_CPU] all: violation (assertion)
#include <ringtail.h>

static int books[NR_CPUS];

INIT { books[smp_processor_id()] = 1; }

THREAD(first) { books[smp_processor_id()]++; }
THREAD(second) { books[smp_processor_id()]++; }

#ifdef OTHER_CPU
FINALLY { assert(books[1] == 2); }
#else
FINALLY { assert(books[smp_processor_id()] == 2); }
#endif
