// SPDX-License-Identifier: GPL-2.0-or-later
// All events that a program's threads may have, each with the condition under which it has it. A read gives a
// fresh symbol; what is read from where is for executions.h to say.
//
// Here a branch on what was read is followed both ways to the end of the thread, and states are not merged:
// the events of a way are known then, and so is what each depends on, as LKMM asks. A thread is a tree of
// events, and one of its leaves is what happens.
//
// Beside the accesses and fences that the program makes there are events that nobody sees, where the specs of
// prove_threads() ask for them:
//  1. kfree(), and a function's end for those of its objects that others may know, write to one byte of the
//     object, and the solver says to which. Whoever reads that write, or writes after it, uses what is freed.
//  2. A section of RCU or SRCU that its thread never leaves, because it stops in it, ends behind all that the
//     thread did there: a grace period waits for that, as it would for what the thread did next.
#pragma once

#include <functional>

#include "checker/prove/deadline.h"
#include "checker/prove/run.h"
#include "model/machine/text.h"
#include "model/memory/graph.h"

namespace ringtail::prove {

struct SymbolicEvent {
  std::size_t thread = 0;
  memory::Kind kind = memory::Kind::fence;
  memory::Tag tag = memory::Tag::plain;
  Value address, value;
  std::uint8_t size = 0;
  bool rmw = false;
  std::optional<std::uint32_t> partner;  // of a write that completes a read-modify-write: its read
  z3::expr exists;
  std::set<std::uint32_t> addr, data, ctrl;  // reads that it depends on
  std::vector<std::uint32_t> before;         // in its thread, in order
  Place at;
  std::optional<Value> freed = {};            // kfree(): the object
  bool own = false;                           // not by kfree(), but as its function ends
  std::optional<std::uint32_t> section = {};  // an end that nobody sees: the lock that begins the section
};

// How often loops go round: all of them, 0 as often as they do; and those whose end depends on what is read.
struct Bounds {
  std::uint32_t unroll = 0, open = 64;
  std::size_t events = 96;  // what the solver can do something with
  Deadline deadline = {};
};
// The latter are tried in this order: few rounds are mostly enough, and cost little.
inline constexpr std::uint32_t kOpenLoops[] = {2, 4, 8, 64};

// A way that a thread can take to its end.
struct Way {
  z3::expr taken;
  std::vector<Value> registers;  // of the outermost function
  bool ends = true;              // or stops on the way
};

// All that one thread may do. A callback has one for each call_rcu() that may ask for it.
struct Course {
  std::size_t thread = 0;
  z3::expr begun;
  std::vector<Way> ways;
};

// A way that a thread can take to where it waits. It waits for ever if memory stays as it is and that does
// not let it go; in a grace period if somebody stays in a section.
struct Stuck {
  struct Look {  // at memory: the wait is over when the guard holds
    Value address, wanted;
    lang::Width width;
    ir::Guard guard = ir::Guard::always;
  };
  std::size_t thread = 0;
  z3::expr taken;
  std::vector<Look> looks;
  bool sleeps = false;
  memory::Tag grace = memory::Tag::plain;  // sync_rcu or sync_srcu, the latter of `domain`
  Value domain = {};
  bool in_rcu = false;  // sections that it is in
  struct InSrcu {
    Value domain;
    std::uint32_t section = 0;  // of EventRun's
  };
  std::vector<InSrcu> in_srcu = {};
};

// A section of SRCU whose index may come back by way of memory: it ends if it came to one of these unlocks.
struct Carried {
  std::uint32_t lock = 0;
  z3::expr ends;
  std::vector<std::uint32_t> unlocks;
  z3::expr otherwise;  // or where it comes back in a register
};

// A handler comes on the CPU of a thread, behind an event of it or before all.
struct Interruption {
  std::size_t thread = 0;
  std::uint32_t handler = 0;
  z3::expr when;
  std::optional<std::uint32_t> behind;
};

class EventRun : public Run {
 public:
  EventRun(z3::context& c, const ir::Program& program, const Bounds& bounds, bool prefixes);
  // All threads, and what they hand to call_rcu().
  void threads();

  struct Object {
    std::uint64_t address = 0, size = 0;
    z3::expr made;
    bool heap = true;  // or of a function
  };
  std::vector<Object> objects;  // of INIT's making, then of the threads'
  std::vector<SymbolicEvent> events;
  std::vector<Course> courses;                // of the threads, then of callbacks
  std::vector<Stuck> stuck;                   // with prefixes only
  std::vector<Interruption> interruptions;    // but for those at a thread's end
  std::vector<z3::expr> definitions;          // of symbols that conditions are made of
  std::optional<machine::PlainPlaces> plain;  // that matter to what repeats without a change
  std::vector<Carried> carried;               // with prefixes only
  z3::expr stays_open(std::uint32_t section) const;

 protected:
  bool effect(State& s, const ir::Instr& instr) override;
  void leave(State& s, const Frame& done) override;
  void branch(State& s, const ir::Branch& b) override;
  void before(State& s) override;
  void returns(State& s) override;
  bool spins(State& s, LoopMark& mark) override;
  void mark_loop(State& s, LoopMark& mark) override;
  void call_any(State& s, const ir::CallPointer& n, const Value& target) override;

 private:
  // What is not known before all threads have run: whether an address is that of some object.
  struct Question {
    z3::expr right;  // the answer
    Value address;
    std::uint8_t size = 0;           // 0: may it be given to kfree()?
    std::vector<std::uint64_t> own;  // of the functions that the thread is in
  };
  struct Callback {
    std::size_t thread = 0;
    std::vector<z3::expr> path;
    std::uint64_t called = 0;  // where it looks whether it was called
    Value function, argument;
  };
  void thread(std::size_t number, std::uint32_t function);
  void callback(const Callback& call);
  void ask(State& s, const Value& address, std::uint8_t size, machine::Failure otherwise);
  void resolve(const Question& q);
  void open_section(State& s, std::uint32_t lock, memory::Tag unlock);
  void close_section(State& s, std::uint32_t unlock);
  void end_sections();
  void grace_period(State& s, memory::Tag tag, const Value& domain);
  Stuck stuck_at(const State& s, const z3::expr& taken) const;

  std::uint32_t add(State& s, memory::Kind kind, memory::Tag tag, const Value& address, std::uint8_t size,
                    const Value& value, const std::set<std::uint32_t>& data, bool with_last = false);
  // Every access is to some object; of its own stack, to what is still there.
  void demand_object(State& s, const Value& address, std::uint8_t size);
  void free(State& s, const Value& address);
  void add_free(State& s, const Value& object, bool own);
  bool in_object(const State& s, std::uint64_t address, std::uint8_t size) const;
  void share(State& s, const Value& v);
  z3::expr plain_at(const Value& address) const;
  void may_change(State& s, const z3::expr& changes) { s.changes.push_back(changes.simplify()); }
  // What the machine stops for by itself: locks and sections that are not used as they should be.
  bool takes(State& s, const Value& address, ir::LockKind kind, bool waits);
  bool releases(State& s, const Value& address, ir::LockKind kind);
  bool sleeps(State& s);
  Value read(State& s, memory::Tag tag, const Value& address, std::uint8_t size, bool is_signed, bool rmw);
  void finish(State& s);
  // As the machine has it (invariant 3 there).
  bool may_interrupt(const State& s) const;
  void interrupts(State& s);
  void interrupt(State& s, std::uint32_t handler);
  void stand(Stuck stands, const State& s);
  // Goes on to the end of the thread where `condition` holds and `then` has been done, and returns where it
  // does not.
  void fork(State& s, const z3::expr& condition, const std::function<void(State&)>& then);

  const bool prefixes_;
  const std::size_t most_events_;
  const InitialCell nothing_ = [](std::uint64_t, std::uint8_t) -> Value { return 0; };
  std::vector<std::uint32_t> cpus_;                   // threads of the program that have one
  std::vector<std::vector<std::uint32_t>> handlers_;  // on each
  std::size_t thread_ = 0;
  std::map<std::uint64_t, std::uint64_t> sizes_;  // of the objects of threads' frames
  std::vector<Question> questions_;
  std::vector<Callback> callbacks_;
  struct Section {
    std::uint32_t lock = 0;
    memory::Tag unlock = memory::Tag::rcu_unlock;
    std::vector<z3::expr> closed;
    std::vector<std::uint32_t> maybe;  // unlocks that may close it, as what is read from where decides
    std::vector<std::uint32_t> members;
  };
  std::vector<Section> sections_;
  std::set<std::uint32_t> functions_;  // whose addresses anybody has
  std::vector<std::vector<std::pair<std::uint32_t, std::vector<ir::Reg>>>> live_;  // registers at loop heads
  int guesses_ = 0;
};

}  // namespace ringtail::prove
