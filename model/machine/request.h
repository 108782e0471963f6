// SPDX-License-Identifier: GPL-2.0-or-later
// What a thread wants to do next, and where it stands when it cannot go on. A request is the thread's half of
// an event: the explorer adds the other half, the value that a read returns.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/lang/ir.h"
#include "model/machine/depset.h"
#include "model/memory/graph.h"

namespace ringtail::machine {

enum class Act : std::uint8_t {
  read,
  write,
  rmw,     // a read, and right after it a write if the guard holds on the value read
  fence,   // has an address if it is a sync_srcu
  choose,  // any value of operand ... guard_value
  alloc,   // `operand` bytes at `address`
  free,
  spawn,  // call_rcu: function `operand` with argument `guard_value` runs after a grace period
  note    // nothing is asked: what was stored to an object of the thread's own, and that such an object was
          // made
};

struct Request {
  Act act = Act::fence;
  memory::Tag tag = memory::Tag::plain;  // of a read that may turn out otherwise (is_locked), the yes
  ir::RmwOp op = ir::RmwOp::exchange;
  ir::Guard guard = ir::Guard::always;
  ir::WaitKind wait = ir::WaitKind::spin;
  std::uint8_t size = 8;
  bool is_signed = true;
  bool blocking = false;     // waits until the guard holds
  bool may_spin = false;     // in a loop that has had no effect: what is read may lead to no progress
  bool may_sleep = false;    // in a loop that sleeps until something has changed
  bool may_drop = false;     // an assumption may follow at once
  std::uint32_t source = 0;  // Machine::instr
  DepSet addr = 0, data = 0, ctrl = 0;
  DepSet guard_deps = 0;  // of guard_value: no dependency in the models' sense
  std::uint64_t address = 0;
  std::int64_t operand = 0;  // written, or combined with what was read
  std::int64_t guard_value = 0;
};

// Why a thread has stopped.
enum class Status : std::uint8_t {
  running,  // its request stands
  finished,
  dropped,   // an assumption does not hold
  spinning,  // it is back at a loop's head as it was, and did nothing that others could see
  bounded,   // --unroll
  failed
};

enum class Failure : std::uint8_t {
  none,
  assertion,
  bug_on,
  warn_on,
  bad_address,  // NULL, or nothing that was ever allocated
  out_of_bounds,
  use_after_free,
  double_free,
  bad_free,   // of what kmalloc() did not give
  undefined,  // division by zero, a shift out of range
  self_deadlock,
  endless,     // a loop of a function that runs alone
  not_locked,  // unlock of what this thread does not hold
  sleeps,      // where sleeping is not allowed
  unbalanced_rcu,
  lock_held,  // a thread ends and holds a lock
  recursion,
  mixed_size
};
std::string_view name(Failure);  // the class that the verdict prints
std::string_view explain(Failure);

}  // namespace ringtail::machine
