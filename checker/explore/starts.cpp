// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/starts.h"

#include <algorithm>
#include <chrono>

#include "checker/explore/setting.h"

namespace ringtail::explore {
namespace {

// The next start after one that made these choices, the last of them first; false if there is none.
bool next(std::vector<Ran::Choice> made, std::vector<std::int64_t>& out) {
  while (!made.empty() && made.back().value == made.back().last) made.pop_back();
  if (made.empty()) return false;
  ++made.back().value;
  out.clear();
  for (const Ran::Choice& c : made) out.push_back(c.value);
  return true;
}

void add(Outcome more, Outcome& sum) {
  const auto rank = [](Result r) {
    return r == Result::safe ? 0 : r == Result::bounded ? 1 : r == Result::timeout ? 2 : 3;
  };
  more.executions += sum.executions;
  more.blocked += sum.blocked;
  more.states += sum.states;
  more.observed.merge(sum.observed);
  if (rank(more.result) < rank(sum.result)) more.result = sum.result, more.bound = sum.bound;
  if (more.bound.empty()) more.bound = sum.bound;
  sum = std::move(more);
}

std::string told(const std::vector<Ran::Choice>& made) {
  std::string out;
  for (const Ran::Choice& c : made)
    out += (out.empty() ? "" : ", ") +
           (c.is_signed ? std::to_string(c.value) : std::to_string(static_cast<std::uint64_t>(c.value)));
  return out;
}

}  // namespace

Outcome over_starts(const ir::Program& program, double timeout,
                    const std::function<Outcome(const ir::Program&, double)>& check) {
  if (!program.init) return check(program, timeout);
  const machine::Machine first(program, {});
  Ran init;
  initial_memory(first, init);
  if (init.choices.empty() && init.status != machine::Status::dropped) return check(program, timeout);
  const auto begun = std::chrono::steady_clock::now();
  ir::Program start = program;
  Outcome sum;
  std::size_t starts = 0;
  do {
    const machine::Machine machine(start, {});
    initial_memory(machine, init);
    if (init.status == machine::Status::dropped) continue;
    const std::chrono::duration<double> gone = std::chrono::steady_clock::now() - begun;
    if (starts++ == most_starts || (timeout > 0 && gone.count() >= timeout)) {
      Outcome rest;
      rest.result = starts > most_starts ? Result::bounded : Result::timeout;
      if (starts > most_starts) rest.bound = "INIT may go " + std::to_string(most_starts) + " ways and more";
      add(std::move(rest), sum);
      return sum;
    }
    Outcome now = check(start, timeout > 0 ? timeout - gone.count() : 0);
    const bool violated = now.violation.has_value();
    if (violated) {
      for (const Ran::Choice& c : init.choices) now.violation->init_choices.push_back(c.value);
      if (!init.choices.empty()) now.violation->message += "; INIT chose " + told(init.choices);
    }
    add(std::move(now), sum);
    if (violated) {
      sum.result = Result::violation;
      return sum;
    }
  } while (next(init.choices, start.init_choices));
  return sum;
}

}  // namespace ringtail::explore
