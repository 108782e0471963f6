// SPDX-License-Identifier: GPL-2.0-or-later
// Executes IR over Values: all inputs at once. What the machine does for one input, this does for all of
// them; it is the control part alone, and what an access means is for a class above it to say (sequential.h,
// section.h).
//
// The idea: a branch on a term is followed both ways up to its join, the branch's immediate postdominator
// that the IR names, and the two states become one there, with `if condition then a else b` wherever they
// differ. So the number of ways through a program is no matter, and a loop is as deep as it has iterations:
//
//   if (n > 4) n = 4;      n1 = ite(n0 > 4, 4, n0)
//
// Invariants:
//  1. A state's path is the condition, over the inputs, under which it is reached: conjuncts, oldest first.
//  2. A branch that the path decides is not followed the other way. That is asked of the solver with a limit
//  on its
//     work; what it cannot tell may be taken both ways.
//  3. A check adds to the path that it held, an assumption that it holds: what comes after does not count
//  where the
//     machine would have stopped.
//  4. A loop ends where its condition can no longer hold, or at the bound; states that are stopped by the
//  bound are
//     counted, so that nobody takes their absence for proof.
#pragma once

#include <string>

#include "checker/prove/deadline.h"
#include "checker/prove/memory.h"
#include "model/machine/request.h"

namespace ringtail::prove {

struct Place {
  std::uint32_t function = 0, pc = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

inline constexpr Place the_end{UINT32_MAX, UINT32_MAX};  // when the outermost function has returned

struct LoopMark {
  std::uint32_t id = 0, iterations = 0, open = 0, forks = 0;  // open: iterations that an input decided
  // Of a thread under a memory model, when it was last at the head (events.h):
  std::size_t changes = 0, trace = 0;
  std::vector<Value> live = {};
};

struct Frame {
  std::uint32_t function = 0, pc = 0;
  std::vector<Value> registers;
  std::vector<LoopMark> loops;
  std::vector<std::uint64_t> locals;
  ir::Reg result = ir::no_reg;
  Value returned;
  bool interrupt = false;  // of an IRQ_ON handler
  std::size_t part = 0;    // of a structure assignment, and what it has read
  Value carried = {};
};

// A branch that has not reached its join: what follows depends on it.
struct Control {
  std::size_t depth = 0;
  std::uint32_t join = 0;
  std::set<std::uint32_t> deps;
};

struct State {
  std::vector<Frame> frames;
  std::vector<z3::expr> path;
  Memory memory;
  std::map<std::uint64_t, Value> held;  // locks: 0 or 1
  Value rcu_depth;
  std::uint32_t forks = 0;
  bool alive = true;
  // Of a thread under a memory model (events.h):
  std::vector<Control> controls = {};
  std::vector<std::uint32_t> trace = {};  // its events so far
  std::uint32_t objects = 0;              // of its own
  std::vector<Value> locks = {};          // that it holds
  std::uint32_t preempt_off = 0, rcu = 0;
  bool irqs_off = false;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> heap = {};  // objects that it made: address, size
  std::vector<std::uint64_t> shared = {};                          // of its stack, what others may know
  std::vector<z3::expr> changes = {};                              // when its effects had any
  std::vector<std::uint32_t> sections = {};                        // of RCU and SRCU that it is in
  std::uint32_t spawned = 0, tokens = 0;                           // call_rcu(), srcu_read_lock()
  std::uint32_t irqs = 0;  // handlers that have yet to run, a bit each
  std::size_t asked = 0;   // one more than its events when it was last asked which comes
  bool returned = false;   // the outermost function has
};

// Something that must not be: its condition, with the path that leads to it.
struct Goal {
  machine::Failure failure = machine::Failure::none;  // none: `what` is an invariant
  Place at;
  z3::expr broken;
  std::string what;
  std::optional<Value> address;  // of an access
};

// In words, for who reads the verdict.
inline std::string text_of(const Goal& g) {
  return g.what.empty() ? std::string(machine::explain(g.failure)) : g.what;
}

struct Input {
  Place at;
  z3::expr symbol;
  z3::expr when;  // the path on which it is asked for
  bool is_signed = true;
  std::size_t thread = 0;
};

// Whether conditions can hold, and for which inputs.
class Oracle {
 public:
  explicit Oracle(z3::context& c) : solver_(c, "QF_BV") {
    z3::params p(c);
    p.set("rlimit", 4'000'000u);  // of work, not of time: the answer is the same on every host
    solver_.set(p);
  }
  // False only if the solver is sure.
  bool possible(const std::vector<z3::expr>& path, const z3::expr& more);

 private:
  z3::solver solver_;
};

class Run {
 public:
  Run(z3::context& c, const ir::Program& program, std::uint32_t unroll)
      : c(c), oracle(c), program_(program), unroll_(unroll) {}
  virtual ~Run() = default;

  // From the beginning of a function to its end. What is left of the state afterwards is what the function
  // leaves.
  Value call(State& s, std::uint32_t function, const std::vector<Value>& arguments);

  // Whether any input leads here at all.
  bool can_be(const z3::expr& condition) { return oracle.possible({}, condition); }
  bool possible_end(const State& s) { return oracle.possible(s.path, c.bool_val(true)); }

  std::size_t current = 0;            // thread
  std::string whose = "the threads";  // inputs: of runs that meet in one question each has its own
  std::vector<Goal> goals;            // those that are not plainly met
  std::size_t demands = 0;            // all of them
  std::vector<Input> inputs;
  std::vector<z3::expr> bounded;  // paths that the bound stopped
  std::string given_up;           // what this cannot do, if the program asked for it
  Deadline deadline = {};

 protected:
  virtual bool effect(State& s,
                      const ir::Instr& instr) = 0;      // an instruction that is not control; false: no such
  virtual void leave(State& s, const Frame& done) = 0;  // a function's own objects end
  virtual void branch(State& s, const ir::Branch& b);
  virtual void before(State&) {}   // each instruction
  virtual void returns(State&) {}  // a function, whose objects are about to end
  // At a loop's head, which it has been to before: whether it only waits.
  virtual bool spins(State&, LoopMark&) { return false; }
  virtual void mark_loop(State&, LoopMark&) {}
  virtual void call_any(State& s, const ir::CallPointer&, const Value&) {
    give_up(s, "the function that is called depends on an input");
  }
  // The pieces of call(): to the first instruction, and to the end of the outermost function.
  void start(State& s, std::uint32_t function, const std::vector<Value>& arguments = {}) {
    push(s, function, arguments, ir::no_reg);
  }
  void enter(State& s, std::uint32_t function, const std::vector<ir::Operand>& args, ir::Reg dst);
  void go_on(State& s);

  Value get(const State& s, ir::Operand o) const {
    return o.is_reg() ? s.frames.back().registers[o.reg] : Value(o.constant);
  }
  void set(State& s, ir::Reg dst, Value v) const {
    if (dst != ir::no_reg) s.frames.back().registers[dst] = std::move(v);
  }
  Place here(const State& s) const {
    return s.frames.empty() ? the_end : Place{s.frames.back().function, s.frames.back().pc};
  }
  z3::expr all(const std::vector<z3::expr>& path) const;
  // `broken` must not hold here; from here on it does not.
  void demand(State& s, const z3::expr& broken, machine::Failure failure, std::string what = {},
              std::optional<Value> address = {});
  void require(State& s, const z3::expr& condition);
  void give_up(State& s, std::string why);
  z3::expr input(State& s, unsigned bits, bool is_signed);
  virtual void merge(State& into, const z3::expr& condition, State& other);

  z3::context& c;
  Oracle oracle;
  const ir::Program& program_;

 private:
  void run(State& s, std::size_t depth, std::uint32_t stop);
  void step(State& s);
  void push(State& s, std::uint32_t function, const std::vector<Value>& arguments, ir::Reg result);
  void enter_loop(State& s, std::uint32_t id);
  Value binary(State& s, const ir::Binary& n);

  std::uint32_t unroll_;

 protected:
  std::uint32_t most_open_ = 64;  // iterations of a loop whose end depends on inputs
};

}  // namespace ringtail::prove
