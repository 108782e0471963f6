// SPDX-License-Identifier: GPL-2.0-or-later
// PROOF harnesses: sequential kernel C, for all inputs at once.
//
//   PROOF(ring_fits) { unsigned nr = choose(0U, ~0U); ... assert(pos < pages); }
//
// Everything that could stop the machine (a check that fails, an access out of bounds, a division by zero, a
// lock that is held ...) is a goal, and the solver is asked for inputs that reach one. What it finds is run
// by the machine, and only what the machine confirms is a violation; told as an execution of one thread.
#pragma once

#include "checker/explore/outcome.h"
#include "checker/witness/execution.h"
#include "model/base/result.h"
#include "model/lang/load.h"

namespace ringtail::prove {

struct Options {
  double timeout = 0;        // seconds a question to the solver; 0: none
  std::uint32_t unroll = 0;  // iterations of a loop; 0: 64 where an input decides when it ends
};

struct Chosen {
  std::string name;  // of the variable that it went to, or empty
  witness::Place at;
  std::int64_t value = 0;
  bool is_signed = true;
  friend bool operator==(const Chosen&, const Chosen&) = default;
};

struct Outcome {
  std::string name;  // of the proof
  explore::Result result = explore::Result::safe;
  std::size_t goals = 0;
  std::string kind, message;  // of a violation
  std::string bound;          // why it is bounded
  std::vector<Chosen> inputs;
  std::optional<witness::Execution> execution;
};

Outcome prove(const lang::Spec& spec, std::size_t proof, const Options& options);

// The spec as if a proof were its only thread, for what tells of executions and replays them.
lang::Spec spec_of(const lang::Spec& spec, std::size_t proof);

}  // namespace ringtail::prove
