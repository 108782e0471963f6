// SPDX-License-Identifier: GPL-2.0-or-later
// An execution in the order in which it is told. How much of an order there is depends on the execution:
//
//   interleaving    sequentially consistent: one step after the other explains all of it
//   store buffers   an interleaving too, but a store reaches memory later than it is done, as a step of its
//                   own
//   causal          no interleaving explains it; told so that a write comes before the reads of it, and reads
//                   that by then should have seen a later write are marked as stale
//   threads         reads-from and program order have a cycle; each thread is told by itself
//
// Only the last two have missing orderings to name (missing.h), and so has an execution that store buffers
// explain.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checker/witness/execution.h"
#include "checker/witness/missing.h"

namespace ringtail::witness {

enum class Telling : std::uint8_t { interleaving, store_buffers, causal, threads };

struct Told {
  std::uint16_t thread = 0;
  std::uint16_t step = 0;       // of the thread
  bool reaches_memory = false;  // not the step itself: its store leaves the buffer
  bool buffered = false;        // a store that reaches memory later on
  // Of a read: who wrote the value, as a place in Story::order. Nothing: the initial value, or no read.
  std::optional<std::size_t> from;
  bool initial = false;              // reads the value before all writes
  std::optional<std::size_t> stale;  // the latest write that was told before, but not seen
  friend bool operator==(const Told&, const Told&) = default;
};

struct Story {
  Execution execution;
  Telling telling = Telling::interleaving;
  std::vector<Told> order;
  std::vector<Missing> missing;
  friend bool operator==(const Story&, const Story&) = default;
};

Story tell(Execution e);

// Drops what the violation does not need: all that is neither in program order nor by reads-from before one
// of `ends`, whose own steps stay. Steps that have no event go with the next one of their thread that has.
Execution trim(const Execution& e, const std::vector<memory::EventId>& ends);

// The step of the thread that has the event.
std::size_t step_of(const Thread& t, memory::EventId e);

// Both in words: how an execution is told, and which barrier is missing where.
std::string_view name(Telling t);
std::string_view explanation(Telling t);
std::string sentence(const Execution& e, const Missing& m);

}  // namespace ringtail::witness
