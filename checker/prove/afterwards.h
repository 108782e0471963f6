// SPDX-License-Identifier: GPL-2.0-or-later
// Functions that look at the memory which threads leave behind, for all executions at once: FINALLY where all
// have come to their end, and invariants wherever they stand. As any thread may stop before any of its events
// (Whole, prefixes), an invariant that holds of whatever a stopped execution leaves holds after every step;
// under sc, where each state of memory is what some stopped execution leaves. Under the others it is a cut of
// a whole one (cut.h).
#pragma once

#include "checker/prove/cut.h"

namespace ringtail::prove {

struct Afterwards {
  std::vector<Goal> goals;
  z3::expr says_no;      // it returns 0, or fails on the way
  std::string given_up;  // why not all of it was looked at
};

Afterwards run_finally(const Whole& whole, std::uint32_t unroll);
// An invariant looks at values alone: whether an object is freed is nothing to it. In the memory that is
// left, or in that of a cut.
Afterwards run_invariant(const Whole& whole, const ir::Invariant& invariant, std::uint32_t unroll,
                         const Cut* cut);

}  // namespace ringtail::prove
