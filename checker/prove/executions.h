// SPDX-License-Identifier: GPL-2.0-or-later
// All executions of a program under a memory model, as one question to the solver: the events that its
// threads may have, reads-from and coherence as symbols, and the model's own text (sc.h, tso.h, lkmm.h) for
// the rest.
#pragma once

#include "checker/explore/search.h"
#include "checker/prove/events.h"
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
  std::vector<Bit> rf_initial;  // of reads: what was there before all

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

// A program and a model together: what every question about its executions begins with.
class Whole {
 public:
  // With `prefixes` a thread may stop before any of its events: what fails need not wait for what others do
  // later.
  Whole(z3::context& c, const ir::Program& program, memory::Model model, const Bounds& bounds, bool prefixes);

  z3::expr possible() const;                 // this is an execution
  z3::expr through() const;                  // whose threads have all come to their end
  z3::expr cut_short() const;                // which a bound has stopped
  Value before(const Value& address) const;  // what memory holds when the threads start, and in the end
  Value after(const Value& address) const;

  z3::context& c;
  const ir::Program& program;
  explore::Initial initial;
  std::map<std::uint64_t, Value> free;  // of the initial memory what INIT's choose() decides
  std::vector<Input> init_inputs;
  EventRun run;
  Algebra algebra;
  std::optional<Executions> x;
  std::optional<Related> races;  // under lkmm
  std::vector<Bit>
      uses_freed;         // accesses that come after a kfree() of what they access; then nothing follows
  std::string undecided;  // why this cannot be asked

 private:
  void use_freed();
  Bit comes_back(const Carried& section) const;
  void leave_free(std::uint32_t unroll);
};

}  // namespace ringtail::prove
