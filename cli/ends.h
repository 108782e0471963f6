// SPDX-License-Identifier: GPL-2.0-or-later
// All ends of a program: under SC and TSO by its states, where its executions are too many.
#pragma once

#include "checker/explore/explore.h"
#include "model/lang/ir.h"

namespace ringtail::cli {

// First so many steps are given to the explorer, whose executions may be few (0: none are). A violation is
// the explorer's, which has the shortest way to show, unless it has no end.
explore::Outcome all_ends(const ir::Program& program, const explore::Options& options,
                          std::uint64_t first_steps = 0);

}  // namespace ringtail::cli
