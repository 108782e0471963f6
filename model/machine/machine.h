// SPDX-License-Identifier: GPL-2.0-or-later
// Runs one thread of a program, from one visible event to the next.
//
//   const Snapshot* s = machine.start(thread, arena);       s->header.request: READ_ONCE(x)
//   s = machine.resume(*s, value, dep, arena);              s->header.request: WRITE_ONCE(y, ...)
//
// The machine knows nothing of other threads and of memory: it says what the thread asks for, and is told
// what was read. So a thread's state depends on its reads alone, and the explorer may go back to any point of
// it. Invariants:
//  1. resume() is a function of the snapshot and the value; `dep` only names the read in dependencies.
//  2. Addresses are fixed by thread and count (the n-th allocation of a thread is where it always is), so
//     that threads cannot be told apart by the order in which they ran.
//  3. An interrupt handler that runs on a thread's own CPU (IRQ_ON) is a call that may happen before any
//     event of the thread while interrupts are on, and before they are held off: a `choose` request with one
//     value for "not now" and one for each handler that has yet to run. At the end of the thread those that
//     are left run.
//  4. A local object that no other thread can see (escape.h) is part of the thread's state like a register,
//     and carries dependencies like one (`carries`): plain accesses do, in LKMM.
//  5. Whether a loop's iteration changed anything is judged at its head: no effect that others could see, and
//     every register that is still to be read, and every such object, as it was an iteration ago. A
//     read-modify-write that leaves the value that it found is no effect, unless plain accesses may race with
//     it: an execution without the iteration lacks nothing but what the iteration orders (xchg() in a
//     test-and-set lock).
//  6. What an iteration did to memory it may have taken back: whatever it wrote, it wrote last what it had
//     found there, by what it read and wrote itself. (An addition is taken back by a subtraction.) A few such
//     iterations, one after the other, are run; then the thread spins, as after one that did nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "model/machine/snapshot.h"
#include "model/machine/text.h"

namespace ringtail::machine {

inline constexpr std::uint64_t heap_base = 0x4000'0000'0000;
inline constexpr unsigned thread_shift = 36, object_shift = 20;  // an object and its number in an address
inline constexpr std::uint64_t object_size_limit = std::uint64_t{1} << object_shift;

inline bool in_heap(std::uint64_t address) { return address >= heap_base && address < ir::function_base; }
inline std::uint64_t object_address(std::size_t thread, std::uint32_t number) {
  return heap_base + (std::uint64_t{thread} << thread_shift) + (std::uint64_t{number} << object_shift);
}
// The same of an object that no other thread can see, by its number among those that there are.
inline constexpr std::uint32_t first_own = 0x8000;
inline std::uint64_t own_address(std::size_t thread, std::size_t number) {
  return object_address(thread, first_own + static_cast<std::uint32_t>(number));
}
// Where call_rcu() number `n` of a thread tells its callback that it was called.
inline std::uint64_t spawn_address(std::size_t thread, std::uint32_t n) {
  return 0x100 + 8 * (thread * 16 + n);
}
inline std::uint64_t object_of(std::uint64_t address) { return address & ~(object_size_limit - 1); }

struct Options {
  bool dependencies = true;  // track them
  bool carries = true;       // through plain stores and loads, too: LKMM since v6.3
  bool fences = true;        // all of them are events; else only smp_mb() and those of RCU
  bool only_rcu_fences = false;
  bool plain_is_once = false;
  bool races = true;         // of plain accesses matter
  bool srcu_fences = false;  // SRCU's lock and unlock are fences that nest, as LKMM had it in Linux 6.1
  bool own = true;           // invariant 4; if not, every local object is memory
  bool notes = false;        // tell of stores to such objects
  std::uint32_t unroll = 0;  // 0: no bound but the machine's own
};

// Threads from this number on are functions that nothing runs beside (INIT, FINALLY, an invariant): `unroll`
// is not for them.
inline constexpr std::size_t first_alone = 250;

// A place of the program: function and instruction.
struct Place {
  std::uint32_t function = 0, pc = 0;
};

enum class Undone : std::uint8_t {
  no,     // something else, or the counter is not left as it was found
  again,  // the thread is back at the loop's head as it was
  waits   // it waits for the counter to change
};

class Machine {
 public:
  Machine(const ir::Program& program, Options options);

  const ir::Program& program() const { return program_; }
  const Options& options() const { return options_; }
  // Threads that run on a CPU of their own; IRQ_ON handlers are calls in their target.
  const std::vector<std::uint32_t>& cpus() const { return cpus_; }

  const Snapshot* start(std::size_t thread, Arena& arena) const;
  // A thread of its own that runs a function with an argument, such as call_rcu() makes.
  const Snapshot* start_call(std::uint32_t function, std::int64_t argument, std::size_t thread,
                             Arena& arena) const;
  // The same after the call_rcu() that writes to `called`, and a grace period.
  const Snapshot* start_rcu(std::uint32_t function, std::int64_t argument, std::size_t thread,
                            std::uint64_t called, Arena& arena) const;
  const Snapshot* resume(const Snapshot& s, std::int64_t value, DepSet dep, std::size_t thread,
                         DepTable& deps, Arena& arena) const;
  // The same, and on to the next request that is no fence: of what waits for the next round of a loop a fence
  // in that loop says nothing. Where sections begin and end, and at grace periods, it stops.
  const Snapshot* resume_past_fences(const Snapshot& s, std::int64_t value, std::size_t thread,
                                     DepTable& deps, Arena& arena) const;
  // Runs a function to where it stops, without anything beside it: `answer` says what a request gives, or
  // nothing, where it stops. No snapshot is made, and there are no dependencies.
  using Answer = std::function<std::optional<std::int64_t>(const Request&)>;
  Header run_alone(std::uint32_t function, std::int64_t argument, std::size_t thread,
                   const Answer& answer) const;
  // A thread that is stopped by an error that the explorer found at its request.
  const Snapshot* fail(const Snapshot& s, Failure f, Arena& arena) const;
  // Whether a read-modify-write that reads `value` has an effect in the sense of invariant 5.
  bool changes(const Request& r, std::int64_t value) const;

  // What comes of a thread that asks to add to a counter in a loop, finds `value`, and does nothing else to
  // memory than to add to the counter again. Where it reads it in between it sees `seen`, or what it has left
  // there.
  Undone take_back(const Snapshot& at, std::int64_t value, std::optional<std::int64_t> seen,
                   std::size_t thread, DepTable& deps, Arena& arena) const;
  // Whether a handler may come on the CPU of this thread, wherever it waits.
  bool may_interrupt(const Snapshot& s) const;

  // Request::source and back.
  Place place(std::uint32_t instr) const;
  std::uint32_t number(Place at) const { return base_[at.function] + at.pc; }
  const ir::Instr& instr(std::uint32_t number) const;
  const ir::Function& function_of(std::uint32_t number) const;

  // The call stack of a snapshot, outermost first, as places.
  std::vector<Place> stack(const Snapshot& s) const;
  // The value of a register of the outermost function.
  std::int64_t reg(const Snapshot& s, ir::Reg r) const;

  // Live registers at each loop head, by function and pc.
  const std::vector<ir::Reg>& live(std::uint32_t function, std::uint32_t pc) const;

 private:
  friend class Runner;
  const ir::Program& program_;
  Options options_;
  std::vector<std::uint32_t> cpus_;
  std::vector<std::vector<std::uint32_t>> handlers_;  // of each CPU: functions
  std::vector<std::uint32_t> base_;                   // of each function: number of its first instruction
  std::vector<std::vector<std::pair<std::uint32_t, std::vector<ir::Reg>>>> live_;
  PlainPlaces plain_;
  std::vector<LoopExtent> loops_;
  std::vector<std::vector<bool>> private_;  // private_locals()
  std::vector<std::vector<bool>> assumes_;  // before_assumptions()
  bool litmus_;
};

// What a read-modify-write leaves in memory, and whether it writes at all.
std::int64_t combine(const Request& r, std::int64_t old);
bool holds(ir::Guard guard, std::int64_t value, std::int64_t guard_value);
// Whether it adds to what is there, or subtracts.
bool adds(const Request& r);

}  // namespace ringtail::machine
