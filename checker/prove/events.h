// SPDX-License-Identifier: GPL-2.0-or-later
// All events that a program's threads may have, each with the condition under which it has it. A read gives a
// fresh symbol; what is read from where is for executions.h to say.
//
// Here a branch on what was read is followed both ways to the end of the thread, and states are not merged:
// the events of a way are known then, and so is what each depends on, as LKMM asks. A thread is a tree of
// events, and one of its leaves is what happens.
#pragma once

#include "checker/prove/run.h"
#include "model/memory/graph.h"

namespace ringtail::prove {

inline constexpr std::size_t kMostEvents = 96;  // what the solver can do something with

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
};

// A way that a thread can take to its end.
struct Way {
  z3::expr taken;
  std::vector<Value> registers;  // of the outermost function
  bool ends = true;              // or stops on the way
};

// A way that a thread can take to where it waits; it waits for ever if memory stays so that this does not
// hold.
struct Stuck {
  std::size_t thread = 0;
  z3::expr taken;
  ir::Guard guard = ir::Guard::always;
  ir::WaitKind wait = ir::WaitKind::spin;
  Value address, wanted;
  lang::Width width;
};

class EventRun : public Run {
 public:
  EventRun(z3::context& c, const ir::Program& program, std::uint32_t unroll, bool prefixes)
      : Run(c, program, unroll), prefixes_(prefixes) {}
  void thread(std::size_t number, std::uint32_t function);

  struct Object {
    std::uint64_t address = 0, size = 0;
  };
  std::vector<Object> objects;      // of INIT's making
  std::vector<z3::expr> elsewhere;  // when a thread accesses what may be on another's stack
  std::vector<SymbolicEvent> events;
  std::vector<std::vector<Way>> ways;  // of each thread
  std::vector<Stuck> stuck;            // with prefixes only

 protected:
  bool effect(State& s, const ir::Instr& instr) override;
  void leave(State& s, const Frame& done) override;
  void branch(State& s, const ir::Branch& b) override;
  void before(State& s) override;

 private:
  std::uint32_t add(State& s, memory::Kind kind, memory::Tag tag, const Value& address, std::uint8_t size,
                    const Value& value, const std::set<std::uint32_t>& data, bool with_last = false);
  // Every access is to some object; of its own stack, to what is still there.
  void demand_object(State& s, const Value& address, std::uint8_t size);
  // What the machine stops for by itself: locks and sections that are not used as they should be.
  bool takes(State& s, const Value& address, ir::LockKind kind, bool waits);
  bool releases(State& s, const Value& address, ir::LockKind kind);
  bool sleeps(State& s);
  Value read(State& s, memory::Tag tag, const Value& address, std::uint8_t size, bool is_signed, bool rmw);
  void finish(State& s);
  // Goes on to the end of the thread where `condition` holds and `then` has been done, and returns where it
  // does not.
  template <class F>
  void fork(State& s, const z3::expr& condition, F then);

  const bool prefixes_;
  const InitialCell nothing_ = [](std::uint64_t, std::uint8_t) -> Value { return 0; };
  std::size_t thread_ = 0;
  std::map<std::uint64_t, std::uint64_t> sizes_;  // of the objects of threads' frames
  int guesses_ = 0;
};

}  // namespace ringtail::prove
