// SPDX-License-Identifier: GPL-2.0-or-later
// Programs of system calls, run on this machine's kernel in a child process and recorded as events.
//
// A program is a list of steps for each of a few threads. A step's arguments are numbers, or offsets into
// places that exist only at run time (the arena, the break, a descriptor of the table), so that a program can
// be generated, shrunk and run again. Before its call a step puts what the call's pointers point at into its
// thread's scratch (scene.h). Three kinds of steps are more than a call: a `clone` has a number of the steps
// that follow it run by the child; `hidden` calls stand for what no recorder shows, page faults; `keep` says
// where a new descriptor goes.
//
// To add a call: give `steps.h` a generator for it. To check a property: run(), then events_of() (show.h).
#pragma once

#include <array>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "model/kernel/call.h"
#include "tests/replay/oracle/scene.h"

namespace ringtail::live {

struct Arg {
  enum class Base : std::uint8_t {
    literal,
    arena,
    brk,
    last_result,  // of a call that returned an address
    segment,      // a System V segment
    scratch,      // of the thread
    buffer,       // its page for bytes
    context,      // value: a slot of Common
    fd,           // likewise
    self,         // the process's number
  };
  Base base = Base::literal;
  std::int64_t value = 0;
  friend bool operator==(const Arg&, const Arg&) = default;
};

// `size` bytes of `value`, put at `at` bytes into the scratch.
struct Put {
  std::uint16_t at = 0;
  std::uint8_t size = 8;
  Arg value;
};

struct Step {
  kernel::Sys sys = kernel::Sys::other;
  std::array<Arg, 6> args{};
  int count = 0;
  std::vector<Put> puts;
  int keep = -1;     // slot of Common::fds for the descriptor that the call returns
  int children = 0;  // of clone: how many of the next steps are the child's
  long hidden = 0;   // the number of a call that is not recorded
  int new_slot =
      -1;  // of io_setup: the slot of Common::contexts that gets the id; args[1] is the thread's own
};
std::ostream& operator<<(std::ostream& os, const Step& s);

using Thread = std::vector<Step>;

struct Record {
  kernel::Sys sys = kernel::Sys::other;
  std::int32_t tid = 0;
  std::int32_t thread = 0;  // the index of the scratch
  std::array<std::uint64_t, 6> args{};
  std::int64_t result = 0;
  std::uint64_t begin = 0, end = 0;             // of a clock that counts beginnings and ends
  std::uint64_t context = 0;                    // io_setup: *ctxp afterwards
  bool exits = false;                           // not a call: the child process `tid` ended here
  std::array<std::array<char, 64>, 9> notes{};  // of the descriptor argument, then of each iocb's
  Scratch before{}, after{};
};

struct Run {
  std::vector<Record> records;     // in the order of the ends
  std::vector<std::int32_t> tids;  // of the threads, the first first
  std::string maps;                // /proc/PID/maps before the first call
};

// Empty when the child could not be made or was killed; it is gone afterwards. With `annotate` descriptors
// are looked up before each call.
std::optional<Run> run(const std::vector<Thread>& threads, bool annotate);

}  // namespace ringtail::live
