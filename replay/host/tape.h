// SPDX-License-Identifier: GPL-2.0-or-later
// The in-process recorder: system calls that this process makes itself, as the events that a capture of it
// would have.
//
//   Clock clock;
//   Tape tape(clock);                                        // one for each thread, which alone calls it
//   tape.call(Sys::madvise, {page, 4096, MADV_DONTNEED});    // the kernel's own result, -errno on failure
//   std::vector<Event> events = opening(clock);              // facts and map: before the first call
//   for (Event& e : merged({&tape, &other})) ...             // while none of the threads is in a call
//
// What a pointer argument points at is copied before the call, what the kernel wrote behind one after it,
// both by process_vm_readv, so that a pointer that leads nowhere is recorded as such and never followed. The
// clock counts the beginnings and ends of all calls: two of them overlapped for the recorder if they may have
// overlapped in the kernel. Page faults are not recorded, as no recorder shows them.
//
// A Gate stands between the tape and the kernel. The tests plant faults there; everybody else takes
// straight().
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "model/kernel/call.h"
#include "replay/capture/event.h"

namespace ringtail::host {

using Clock = std::atomic<std::uint64_t>;
using Words = std::array<std::uint64_t, 6>;
using Gate = std::function<long(long number, const Words& args)>;

// The kernel itself. Never touches errno.
long straight(long number, const Words& args);

// x86-64's number of a call of the model; -1 of Sys::other.
long number_of(kernel::Sys);

// Copies what this process has at `from`; false when not all of it can be read.
bool peek(std::uint64_t from, void* to, std::size_t bytes);

class Tape {
 public:
  explicit Tape(Clock& clock, Gate gate = straight) : clock_(clock), gate_(std::move(gate)) {}

  long call(kernel::Sys, const Words& args);

  // Process `pid`, which a fork on this tape made, is gone.
  void gone(std::int32_t pid);

 private:
  friend std::vector<capture::Event> merged(const std::vector<Tape*>&);
  Clock& clock_;
  Gate gate_;
  std::int32_t tid_ = 0;
  std::vector<capture::Event> events_;
};

// What all tapes of a process have recorded, in the order of the clock; the tapes are empty afterwards.
std::vector<capture::Event> merged(const std::vector<Tape*>& tapes);

// The head of a capture of this process as it is: the host's facts, its threads, its map.
std::vector<capture::Event> opening(Clock& clock);

}  // namespace ringtail::host
