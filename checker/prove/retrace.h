// SPDX-License-Identifier: GPL-2.0-or-later
// The solver's execution, done by the machine: each thread is run with what its reads see and its choices
// give there, the graph is what the machine did, and the model is asked about it once more. Whoever uses
// freed memory reads, in the graph, what was last written there: that it may come after kfree() is for
// witness::may_follow() to say.
#pragma once

#include "checker/prove/executions.h"
#include "checker/prove/prove.h"
#include "checker/prove/solver.h"

namespace ringtail::prove {

struct Retraced {
  witness::Execution execution;
  std::vector<Chosen> inputs;
};

// After the solver has said yes. `kind` is what the execution must show.
Result<Retraced> retrace(const lang::Spec& spec, memory::Model model, const Whole& whole,
                         const Solver& solver, const std::string& kind, const std::string& message);

}  // namespace ringtail::prove
