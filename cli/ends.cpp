// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/ends.h"

#include <algorithm>
#include <chrono>

#include "checker/schedule/schedule.h"

namespace ringtail::cli {
namespace {

using explore::Outcome;
using explore::Result;
using Clock = std::chrono::steady_clock;

constexpr double kNoTime = 1e-9;  // 0 would be no limit

bool decided(const Outcome& o) { return o.result == Result::safe || o.result == Result::violation; }

}  // namespace

Outcome all_ends(const ir::Program& program, const explore::Options& asked, std::uint64_t first_steps) {
  if (asked.model != memory::Model::sc && asked.model != memory::Model::tso)
    return explore::explore(program, asked);
  const auto begun = Clock::now();
  explore::Options options = asked;
  const auto left = [&] {
    const double gone = std::chrono::duration<double>(Clock::now() - begun).count();
    if (asked.timeout > 0) options.timeout = std::max(asked.timeout - gone, kNoTime);
    return options;
  };
  if (first_steps > 0) {
    options.steps = first_steps;
    Outcome few = explore::explore(program, options);
    if (decided(few)) return few;
    options.steps = asked.steps;
  }
  Outcome states = schedule::all_states(program, left());
  if (states.result == Result::safe || states.result == Result::timeout) return states;
  Outcome executions = explore::explore(program, left());
  return decided(executions) || (executions.result == Result::bounded && !states.violation) ? executions
                                                                                            : states;
}

}  // namespace ringtail::cli
