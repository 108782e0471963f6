// SPDX-License-Identifier: GPL-2.0-or-later
// The execution to show of all that go wrong in one way.
//
// An explorer stops at the first violation that it meets, and that may tell a long story of a short mistake.
// A further search, bounded so that it takes a fraction of a second, gathers violations of the same class and
// message, and the one that is easiest to follow stands for all: an interleaving before what needs store
// buffers before what no order of stores explains, then the fewest switches from thread to thread, then the
// fewest steps. What comes out depends on the program and the options alone.
#pragma once

#include "checker/explore/explore.h"
#include "checker/witness/replay.h"

namespace ringtail::witness {

// What the explorer found, as it is replayed.
Found found_by(const explore::Options& options, const explore::Violation& v);

explore::Violation shortest(const lang::Spec& spec, const explore::Options& options,
                            explore::Violation first);

}  // namespace ringtail::witness
