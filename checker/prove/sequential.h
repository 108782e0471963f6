// SPDX-License-Identifier: GPL-2.0-or-later
// What an access means when nobody else runs: it is done at once. A lock that is held is a deadlock, a wait
// for what is not so never ends, a grace period is over when it begins; call_rcu() callbacks do not run, as
// in explore::run_alone.
#pragma once

#include "checker/explore/sequential.h"
#include "checker/prove/run.h"

namespace ringtail::prove {

class Sequential : public Run {
 public:
  // `number`: the thread that allocations count for.
  Sequential(z3::context& c, const ir::Program& program, std::uint32_t unroll, std::size_t number)
      : Run(c, program, unroll), number_(number) {}

  // A function that ends: no lock is held and no RCU section open any more.
  void end(State& s);

 protected:
  bool effect(State& s, const ir::Instr& instr) override;
  void leave(State& s, const Frame& done) override;
  // For classes that care when locks change hands.
  virtual void locked(State&, const Value& /*lock*/) {}
  virtual void unlocking(State&, const Value& /*lock*/) {}
  // The state goes on only where a wait is over: of a lock that another may hold, of a blocking operation.
  virtual void wait(State& s, const z3::expr& over) { demand(s, !over, machine::Failure::self_deadlock); }
  // A cell is looked at or written.
  virtual void touched(State&, const Resolved&, std::uint8_t /*size*/, bool /*writes*/) {}

  // The address is right; what it means. Empty targets if the state does not go on.
  Resolved access(State& s, const Value& address, std::uint8_t size, bool writes);
  Value load(State& s, const Value& address, lang::Width width);
  void store(State& s, const Value& address, std::uint8_t size, const Value& value);

 private:
  std::uint64_t allocate(State& s, const Value& size, bool heap);
  void free(State& s, const Value& address);
  void take(State& s, const Value& address, const z3::expr& taken);

  std::size_t number_;
  std::uint32_t objects_ = 0;

 public:
  // What follows is done by another thread.
  void become(std::size_t number) { number_ = number, objects_ = 0; }
};

// Where INIT has been: what it left in memory, and a state to begin in with its objects.
InitialCell left_by(const explore::Initial& initial);
State state_after(const ir::Program& program, const explore::Initial& initial, const InitialCell& cell);

}  // namespace ringtail::prove
