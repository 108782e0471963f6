// SPDX-License-Identifier: GPL-2.0-or-later
// What a check found out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/memory/model.h"

namespace ringtail::explore {

enum class Result : std::uint8_t { safe, violation, bounded, timeout };

// The bound where an execution has accesses of different sizes to one place: events are whole locations.
inline constexpr std::string_view different_sizes = "accesses of different sizes overlap";

// The bound where a thread does something, takes it back and tries again, and others see that it does: they
// may see it any number of times, and one is looked at.
inline constexpr std::string_view retries = "tries again that others see";

// The end of a thread in a violating execution.
struct ThreadEnd {
  std::string name;
  std::string status;        // finished, failed, waits, spins, or stopped at a bound
  std::uint32_t source = 0;  // the instruction at which it is, unless it finished; machine::Machine::instr
  friend bool operator==(const ThreadEnd&, const ThreadEnd&) = default;
};

// An execution that must not be, as a graph and as an order of its events that a person can follow.
struct Violation {
  std::string kind;  // the class: assertion, data race, deadlock, use after free ...
  std::string message;
  memory::Graph graph;
  std::vector<memory::EventId>
      schedule;  // every event once; an interleaving of the threads when `sequential`
  bool sequential = false;
  std::vector<memory::EventId> culprits;  // of a race or a memory error: the events that meet
  std::vector<ThreadEnd> threads;
  std::vector<std::int64_t> init_choices = {};  // that led here (ir::Program)
  friend bool operator==(const Violation&, const Violation&) = default;
};

// A litmus test's answer, as herd7 counts: executions, not states.
struct LitmusAnswer {
  std::map<std::vector<std::int64_t>, std::uint64_t>
      states;  // values of Litmus::shown: in how many executions
  std::uint64_t positive = 0, negative = 0;
  std::vector<std::string> flags;  // sorted
  friend bool operator==(const LitmusAnswer&, const LitmusAnswer&) = default;
};

inline constexpr std::string_view kExample = "example";  // Violation::kind of Outcome::example

// What was asked of each execution: the values of Options::observe, when FINALLY has run.
using Observed = std::set<std::vector<std::int64_t>>;

struct Outcome {
  Result result = Result::safe;
  std::uint64_t executions = 0, blocked = 0;
  std::uint64_t states =
      0;              // where states were looked at: the executions are those that reached an end first
  std::string bound;  // which bound was hit
  std::optional<LitmusAnswer> litmus;
  std::optional<Violation> violation;
  std::optional<Violation> example;  // of a litmus test: an execution that satisfies its condition; of
                                     // forall, one that does not
  Observed observed;                 // by Options::observe
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

}  // namespace ringtail::explore
