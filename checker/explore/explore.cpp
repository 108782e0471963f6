// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/explore.h"

#include <chrono>

#include "checker/explore/judge.h"
#include "checker/explore/setting.h"

namespace ringtail::explore {
namespace {

// Rounds of guesses (search.h). Programs have few; a copy of a copy that is added to may ask for ever more.
constexpr unsigned most_rounds = 12;

template <int W>
bool explore_with(const machine::Machine& machine, const Initial& initial, const Options& options,
                  Outcome& out) {
  Judge<W> judge(machine.program(), options, out);
  Search<W>* self = nullptr;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(options.timeout);
  bool late = false;
  Search<W> search(machine, initial, options.model, [&](State<W>& s) { return judge(*self, s); });
  if (options.timeout > 0)
    search.give_up = [&] { return late = std::chrono::steady_clock::now() > deadline; };
  self = &search;
  search.run({});
  const Counts counts = search.counts;
  const std::optional<LitmusAnswer> answer = out.litmus;
  unsigned rounds = 0;
  for (Guesses guesses; !search.stopped() && search.evidence() != guesses; ++rounds) {
    if (rounds == most_rounds) {  // values that grow from round to round, each out of the last
      out.bound = "values out of thin air";
      break;
    }
    guesses = search.evidence();
    search.counts = counts;  // only the last of the rounds with guesses counts
    out.litmus = answer;
    search.run(guesses);
  }
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
