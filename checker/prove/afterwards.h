// SPDX-License-Identifier: GPL-2.0-or-later
// Functions that look at the memory which threads leave behind, for all executions at once: FINALLY where all
// have come to their end, and invariants wherever they stand. As any thread may stop before any of its events
// (Whole, prefixes), an invariant that holds of whatever a stopped execution leaves holds after every step.
#pragma once

#include "checker/prove/executions.h"

namespace ringtail::prove {

struct Afterwards {
  std::vector<Goal> goals;
  z3::expr returns_zero;  // and nothing has failed on the way
  std::string given_up;   // why not all of it was looked at
};

Afterwards run_afterwards(const Whole& whole, std::uint32_t function, std::uint32_t unroll);

}  // namespace ringtail::prove
