// SPDX-License-Identifier: GPL-2.0-or-later
// A thread of a program as plain data, and the interpreter that runs it to its next visible step.
//
//   Step s = machine.next(t);             // up to the next step that others can see, or the end
//   machine.finish(t, s, value_read);     // the step happened; reads get their value from whoever explores
//
// Nothing here knows of other threads or of memory: a read's value comes from outside, so that an explorer,
// the replay of a witness and a test drive the same machine. A Thread is copyable and compares by value.
//
// Steps have names. A slot is a number that stands for "this instruction, reached through these calls, in
// this round of its loops": the same step gets the same slot when the thread is run again with other values,
// which is what lets an explorer keep a step while what comes before it in program order is run anew.
// Dependencies are sets of slots.
//
// Objects: globals lie where ir.h says. kmalloc gives the n-th allocation of a thread an address of its own,
// heap_base + thread * thread_stride + n * heap_stride; locals likewise from local_base. Locals are private,
// and their accesses are not visible, until their address is stored somewhere; then their contents are
// written out as plain stores.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "model/lang/ir.h"
#include "model/machine/dependencies.h"
#include "model/memory/graph.h"

namespace ringtail::machine {

inline constexpr std::uint64_t heap_base = 0x2000'0000'0000;
inline constexpr std::uint64_t local_base = 0x3000'0000'0000;
inline constexpr std::uint64_t thread_stride = 1ull << 36;
inline constexpr std::uint64_t heap_stride = 1ull << 20;
inline constexpr std::uint64_t local_stride = 1ull << 16;

// A register: its bits, and the reads that they depend on.
struct Value {
  std::int64_t bits = 0;
  DependencySet deps = no_dependencies;
  friend bool operator==(const Value&, const Value&) = default;
};

enum class Fault : std::uint8_t {
  none,
  assertion,
  warning,      // WARN_ON
  memory,       // NULL or wild pointer, out of bounds
  lock_misuse,  // unlocking what is not held, taking what is held
  sleep,        // sleeping where that is not allowed
  arithmetic,   // division by zero, shift out of range
  unbalanced,   // a thread ends inside an RCU section or with a lock held
  recursion     // calls nested deeper than max_frames
};

struct Step {
  enum class Kind : std::uint8_t {
    read,   // value in: what was read
    write,  // `value`
    fence,  // `tag`
    alloc,  // heap object at `address` of `value` bytes; a fence for the models
    free,   // of the object at `address`
    call_rcu,
    choose,  // value in: low ... high
    bound,   // a loop came round more often than --unroll allows: the thread goes no further
    spin,  // a loop came round without a change: the thread waits for one of its reads to give something else
    ended,
    fault,    // `fault` and `text`
    dropped,  // an assume() did not hold
  };
  Kind kind = Kind::ended;
  memory::Tag tag = memory::Tag::plain;
  std::uint8_t size = 0;
  bool is_signed = true;
  bool rmw = false;       // a read that a write may follow, or that write
  bool blocking = false;  // a read that waits until its value passes the guard
  ir::Guard guard = ir::Guard::always;
  ir::WaitKind wait = ir::WaitKind::spin;
  Fault fault = Fault::none;
  Slot slot = 0;
  std::uint64_t address = 0;
  Value value;  // written; size of an allocation; argument of call_rcu
  std::int64_t guard_value = 0;
  std::int64_t low = 0, high = 0;  // choose
  DependencySet addr = no_dependencies, data = no_dependencies, ctrl = no_dependencies;
  std::uint32_t function = 0, pc = 0;  // where in the program
  std::string_view text;
};

bool passes(ir::Guard guard, std::int64_t value, std::int64_t guard_value);

class Machine;

struct Thread {
  struct Frame {
    std::uint32_t function = 0, pc = 0, base = 0;
    ir::Reg result = ir::no_reg;
    std::uint64_t path = 0;    // hash of the calls that lead here
    std::uint64_t round = 0;   // hash of the loops' rounds in this frame
    std::uint32_t locals = 0;  // own locals begin here
  };
  struct Scope {  // control dependency until `join` in frame `frame`
    std::uint32_t frame = 0, join = 0;
    DependencySet deps = no_dependencies;  // with those of the scopes around it
  };
  struct Pending {  // writes that the thread must do before anything else
    std::uint64_t address = 0;
    Value value;
    memory::Tag tag = memory::Tag::plain;
    std::uint8_t size = 0;
    bool rmw = false;
    DependencySet addr = no_dependencies, data = no_dependencies;
  };
  struct LocalObject {
    std::uint64_t address = 0, size = 0;
    bool escaped = false;
  };
  struct Cell {  // of a private local
    std::uint64_t address = 0;
    std::uint8_t size = 0;
    Value value;
  };
  struct Held {
    std::uint64_t address = 0;
    ir::LockKind kind = ir::LockKind::spin;
  };
  struct Round {              // the last time that a loop's head was passed
    std::uint64_t key = 0;    // frame path and loop
    std::uint64_t state = 0;  // hash of the registers then
    std::uint32_t count = 0, changes = 0;
  };

  std::uint32_t index = 0;
  std::vector<Frame> frames;
  std::vector<Value> regs;
  std::vector<Scope> scopes;
  std::vector<Pending> pending;
  std::vector<LocalObject> locals;
  std::vector<Cell> cells;
  std::vector<Held> held;
  std::vector<Round> rounds;
  std::vector<Value> last;  // the registers of the outermost function when it ended
  std::uint32_t allocations = 0;
  std::uint32_t local_count = 0;
  std::uint32_t changes = 0;  // visible steps other than reads
  std::uint16_t rcu = 0, preempt = 0, irq_off = 0;
};

struct MachineOptions {
  bool dependencies = false;  // track them (only LKMM asks)
  std::uint32_t unroll = 0;   // rounds of a loop; 0: no bound
};

class Machine {
 public:
  static constexpr std::size_t max_frames = 64;

  Machine(const ir::Program& program, MachineOptions options) : program_(program), options_(options) {}

  Thread start(std::uint32_t index, std::uint32_t function, std::vector<std::int64_t> args = {}) const;
  Step next(Thread& t);
  // The step that next() returned has happened. `value` is what a read or choose gave. A read with `rmw`
  // whose value passes the guard is followed by its write.
  void finish(Thread& t, const Step& s, std::int64_t value = 0);

  const ir::Program& program() const { return program_; }
  DependencyTable& dependencies() { return deps_; }
  Slot slot_of(std::uint64_t key);

 private:
  struct Interpreter;
  const ir::Program& program_;
  MachineOptions options_;
  DependencyTable deps_;
  absl::flat_hash_map<std::uint64_t, Slot> slots_;
};

}  // namespace ringtail::machine
