// SPDX-License-Identifier: GPL-2.0-or-later
// One thread of a program, walked by the machine from start to end, and what a reader of its source sees it
// do. What its reads see and its choices give comes from a guide.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <vector>

#include "checker/witness/execution.h"
#include "checker/witness/names.h"
#include "model/base/result.h"
#include "model/lang/load.h"
#include "model/machine/machine.h"

namespace ringtail::witness {

// A step as the machine did it: events with neither rf nor place in co, and their dependencies.
struct Move {
  Step step;
  std::vector<memory::Event> events;
  std::vector<std::array<std::vector<std::uint16_t>, 3>> dependencies;
  machine::Request request;  // what it was; of a failure nothing
};

// An object that the thread makes or frees, seen by a reader of the source or not: a function's own objects
// come and go with it.
struct Owned {
  machine::Act act = machine::Act::alloc;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  std::size_t moves = 0;  // before it
  std::size_t po = 0;     // events before it
  bool hidden = false;
};

struct Path {
  std::vector<Move> moves;
  std::vector<Owned> objects;
  const machine::Snapshot* end = nullptr;  // in the walker's arena
};

// Asked before each step: what a read sees or a choice gives, 0 for anything else, or nothing to stop here.
// The step's outcome is not known yet. `interrupt` asks which handler comes now, from 1; 0 is none.
struct Question {
  const machine::Request& request;
  const Step& step;
  bool interrupt = false;
};
using Guide = std::function<std::optional<std::int64_t>(const Question&)>;

class Walker {
 public:
  Walker(const lang::Spec& spec, machine::Options options);

  Path walk(std::size_t thread, const Guide& guide);
  // Nothing to walk, for a callback that its thread, walked before, did not ask for.
  // The same for a function that runs alone, as FINALLY does; objects that it makes count for `number`.
  Path walk_function(std::uint32_t function, std::size_t number, const Guide& guide);

  // Told of a frame's own objects as they come and go, of which no guide is asked.
  std::function<void(const machine::Request&)> unseen;

  // How many reads the last round took of a thread that is back at the head of its loop when it reads this
  // value next, and has changed nothing; 0: it is not.
  std::uint32_t spins(const machine::Snapshot& s, std::int64_t value, std::size_t thread);
  // Whether it would only try again, or wait, having taken back what it did.
  bool takes_back(const machine::Snapshot& s, std::int64_t value, std::size_t thread);

  const machine::Machine& machine() const { return machine_; }
  // The program's threads, then those that may run what each hands to call_rcu().
  std::size_t threads() const { return threads_; }
  std::string name(std::size_t thread) const;
  const Names& names() const { return names_; }
  Place place(const machine::Snapshot& s) const;
  // The step that a pending request would be.
  Step step(const machine::Snapshot& s) const;

 private:
  Path follow(const machine::Snapshot* s, std::size_t thread, const Guide& guide);
  const lang::Spec& spec_;
  machine::Machine machine_;
  std::size_t threads_;
  machine::Arena arena_;
  Names names_;
  std::map<std::size_t, machine::Request> called_;  // by callback: the call_rcu()
};

}  // namespace ringtail::witness
