// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/explore.h"

#include <chrono>

#include "checker/explore/judge.h"
#include "checker/explore/setting.h"

namespace ringtail::explore {
namespace {

template <int W>
bool explore_with(const machine::Machine& machine, const Initial& initial, const Options& options,
                  Outcome& out) {
  Judge<W> judge(machine.program(), options, out);
  Search<W>* self = nullptr;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(options.timeout);
  bool late = false;
  std::uint64_t seen = 0;
  Search<W> search(machine, initial, options.model, [&](State<W>& s) {
    if (options.timeout > 0 && (++seen & 63) == 0 && std::chrono::steady_clock::now() > deadline) {
      late = true;
      return false;
    }
    return judge(*self, s);
  });
  self = &search;
  search.run();
  out.executions = search.counts.executions;
  out.blocked = search.counts.blocked;
  out.model_checks = search.counts.checks;
  if (search.mixed_sizes() && !machine.program().litmus) out.bound = "accesses of different sizes overlap";
  if (search.counts.bounded) out.bound = "callbacks of one thread";
  if (late) out.result = Result::timeout;
  else if (out.result == Result::safe && !out.bound.empty()) out.result = Result::bounded;
  return !search.overflowed();
}

}  // namespace

Outcome explore(const ir::Program& program, const Options& options) {
  const machine::Machine machine(program, machine_options(program, options));
  Ran init;
  const Initial initial = initial_memory(machine, init);
  if (init.failure != machine::Failure::none) return failing_init(init);
  const auto attempt = [&](auto width, Outcome& out) {
    out = {};
    if (program.litmus) out.litmus.emplace();
    return explore_with<width()>(machine, initial, options, out);
  };
  Outcome out;
  if (attempt(std::integral_constant<int, 1>(), out)) return out;
  if (attempt(std::integral_constant<int, 2>(), out)) return out;
  if (attempt(std::integral_constant<int, 4>(), out)) return out;
  if (attempt(std::integral_constant<int, 8>(), out)) return out;
  out.result = Result::bounded;
  out.bound = "an execution of more than 500 events";
  return out;
}

}  // namespace ringtail::explore
