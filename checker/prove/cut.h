// SPDX-License-Identifier: GPL-2.0-or-later
// A state of memory that an execution passes, as explore/always.h has it: a set of its events that holds,
// with an event, all that are before it. Before means along program order, reads-from, coherence and
// from-reads; events that are before each other, as there are where no interleaving explains the execution,
// are not ordered.
//
// Which are before each other the solver says, and shows: such a set has a leader, whom each of them leads to
// and who leads to each of them, by steps that come nearer. Sets that it does not name only make a cut
// smaller than it could be.
#pragma once

#include "checker/prove/executions.h"

namespace ringtail::prove {

class Cut {
 public:
  explicit Cut(const Whole& whole);
  const std::vector<z3::expr>& constraints() const { return constraints_; }
  Value at(const Value& address) const;  // the last write, in coherence, that is in it

 private:
  struct Edge {
    std::size_t from, to;
    z3::expr there;
  };
  z3::expr bit(const char* what, std::size_t event) const;
  z3::expr number(const char* what, std::size_t event) const;
  z3::expr in(std::size_t event) const { return bit("in", event); }
  std::vector<Edge> edges() const;
  void name_leaders(const std::vector<Edge>& edges);
  void close(const std::vector<Edge>& edges);

  const Whole& whole_;
  z3::context& c;
  std::vector<z3::expr> constraints_;
};

}  // namespace ringtail::prove
