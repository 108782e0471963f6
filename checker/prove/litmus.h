// SPDX-License-Identifier: GPL-2.0-or-later
// A litmus test's question, put to the solver. Where the explorer looks at each execution, this looks at
// none: it asks for one in which the condition holds, and for one in which it does not.
#pragma once

#include "checker/prove/prove.h"

namespace ringtail::prove {

struct LitmusVerdict {
  explore::Result result = explore::Result::safe;  // or bounded, with a reason, or timeout
  std::string bound;
  bool positive = false, negative = false;  // some execution satisfies the condition, some does not
  std::string_view observation() const { return !positive ? "Never" : !negative ? "Always" : "Sometimes"; }
};

LitmusVerdict solve_litmus(const ir::Program& program, memory::Model model, const Options& options);

}  // namespace ringtail::prove
