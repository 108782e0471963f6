// SPDX-License-Identifier: GPL-2.0-or-later
// All ways in which INIT may go: each value of each choose() that it makes is a start of its own, and a check
// is of all of them. Where an assumption of INIT does not hold there is nothing to check.
#pragma once

#include <functional>

#include "checker/explore/outcome.h"
#include "model/lang/ir.h"

namespace ringtail::explore {

// Starts that are looked at one by one; the solver takes all at once.
inline constexpr std::size_t most_starts = 4096;

// `check` is given the program with INIT's choices made, and the seconds that are left of `timeout` (0:
// none).
Outcome over_starts(const ir::Program& program, double timeout,
                    const std::function<Outcome(const ir::Program&, double)>& check);

}  // namespace ringtail::explore
