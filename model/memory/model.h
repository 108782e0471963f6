// SPDX-License-Identifier: GPL-2.0-or-later
// What a memory model answers about an execution graph. Each model is one file (sc.h, tso.h, lkmm.h):
// its relations, and named axioms over them, stated once.
//
//   consistent(g, Model::lkmm)   may the model do this?
//   violation(g, Model::lkmm)    which axiom forbids it, and by which cycle
//   verdict(g, Model::lkmm)      of a consistent graph: the data races and the misuse that the model flags
//
// All axioms are monotone: events and edges that are added to an inconsistent graph do not make it consistent
// again, so that a partial graph that fails can be dropped. The caller must keep two things: new writes enter
// co without reordering the old ones, and a thread is extended at its end only. A read without rf is a read
// whose value is not known yet. Flags and races are defined for complete graphs.
//
// Locks need nothing of their own here: LKW writes 1 and UL 0, LKR and RU read a 0, LF and RL a 1, and
// coherence and atomicity do the rest.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "model/memory/graph.h"

namespace ringtail::memory {

enum class Model : std::uint8_t { sc, tso, lkmm, lkmm_6_1 };
std::string_view name(Model);
std::optional<Model> model_named(std::string_view);

struct Violation {
  std::string_view axiom;
  std::vector<EventId> cycle;  // each related to the next, the last to the first
  friend bool operator==(const Violation&, const Violation&) = default;
};

struct Race {
  EventId first, second;
  friend auto operator<=>(const Race&, const Race&) = default;
};

struct Verdict {
  std::vector<Race> races;  // sorted; conflicting accesses, of which one is plain, that nothing orders
  std::vector<std::string_view>
      flags;  // sorted, without repetition; data-race is among them when races is not empty
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

bool consistent(const Graph& g, Model m);
std::optional<Violation> violation(const Graph& g, Model m);
Verdict verdict(const Graph& g, Model m);

}  // namespace ringtail::memory
