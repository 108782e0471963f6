// SPDX-License-Identifier: GPL-2.0-or-later
// consistent() for a graph that grows by one event at a time, at the price of the new event.
//
//   Incremental check(Model::lkmm);
//   const EventId r = g.add(read);
//   g.read_from(r, w);
//   if (!check.add(g, r)) ...                 the same answer as consistent(g, Model::lkmm)
//
// The idea: every execution that is sequentially consistent is allowed by every model here, and nearly every
// execution that a program has is sequentially consistent. So the check keeps, for each event, the set of
// events that precede it in po | rf | co | fr. A new event adds a few edges; as long as they close no cycle
// there is nothing else to ask. Only a graph that SC forbids is given to the model's own axioms, whole. Under
// SC it is simply refused.
//
// Grace periods are an exception: SC's order alone does not say whether they wait for their readers, so that
// a graph with one is given to the axioms whenever it has a critical section as well.
//
// A value: copy it before trying one of several choices. Rows are words of 64 events, as in relation.h.
#pragma once

#include <cstdint>
#include <vector>

#include "model/memory/model.h"

namespace ringtail::memory {

class Incremental {
 public:
  explicit Incremental(Model model) : model_(model) {}

  // `e` is the last event of `g`, its rf or its place in co is chosen, and nothing else has changed since the
  // last call. A read without rf has no edges but po, until rebuild().
  bool add(const Graph& g, EventId e);
  // After any other change: keep(), place() or read_from() of an older event.
  bool rebuild(const Graph& g);

  // Whether the graph so far is sequentially consistent, grace periods aside.
  bool sequential() const { return sequential_; }
  // Whether `a` precedes `b` in po | rf | co | fr, or is `b`. Only while sequential().
  bool precedes(EventId a, EventId b) const { return row(b)[a / 64] >> (a % 64) & 1; }

 private:
  const std::uint64_t* row(std::size_t i) const { return before_.data() + i * words_; }
  std::uint64_t* row(std::size_t i) { return before_.data() + i * words_; }
  void grow(std::size_t n);
  void join(std::size_t to, std::size_t from);
  bool link(std::size_t from, std::size_t to);
  void note(const Graph& g, EventId e);
  bool extend(const Graph& g, EventId e);
  bool decide(const Graph& g) const;

  Model model_;
  bool sequential_ = true;
  bool waits_ = false, sections_ = false;  // has a grace period, has a critical section
  std::size_t n_ = 0, words_ = 1;
  std::vector<std::uint64_t> before_;  // row e: what precedes e, and e
};

}  // namespace ringtail::memory
