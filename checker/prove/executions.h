// SPDX-License-Identifier: GPL-2.0-or-later
// All executions of a program under a memory model, as one question to the solver: the events that its
// threads may have, reads-from and coherence as symbols, and the model's own text (sc.h, tso.h, lkmm.h) for
// the rest.
//
// Where the explorer looks at each execution, this looks at none: it asks for one in which the condition of a
// litmus test holds, and for one in which it does not.
#pragma once

#include "checker/prove/events.h"
#include "checker/prove/prove.h"
#include "checker/prove/relation.h"
#include "model/memory/candidate.h"

namespace ringtail::prove {

// What the texts of the models see; memory::Candidate is the same for one execution.
class Executions {
 public:
  using Set = Events;
  using Rel = Related;

  Executions(Algebra& algebra, const std::vector<SymbolicEvent>& events,
             const std::function<Value(const Value& address)>& initial);

  std::size_t n;
  memory::Srcu srcu = memory::Srcu::accesses;
  Set R, W, RMW;
  Rel id, po, loc, int_, rf, co, fr, rmw, addr, data, ctrl;

  const Set& tagged(memory::Tag t) const { return tagged_[static_cast<std::size_t>(t)]; }
  Rel external(const Rel& r) const { return r - int_; }
  Rel internal(const Rel& r) const { return r & int_; }
  Rel none() const { return Rel(n, algebra_); }
  // Read-side critical sections, as parentheses match along each way through a thread.
  Rel balanced(memory::Tag lock, memory::Tag unlock, bool of_location) const;

 private:
  Algebra* algebra_;
  const std::vector<SymbolicEvent>* events_;
  std::vector<Set> tagged_;
};

struct LitmusVerdict {
  explore::Result result = explore::Result::safe;  // or bounded, with a reason, or timeout
  std::string bound;
  bool positive = false, negative = false;  // some execution satisfies the condition, some does not
  std::string_view observation() const { return !positive ? "Never" : !negative ? "Always" : "Sometimes"; }
};

LitmusVerdict solve_litmus(const ir::Program& program, memory::Model model, const Options& options);

}  // namespace ringtail::prove
