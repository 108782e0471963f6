// SPDX-License-Identifier: GPL-2.0-or-later
// Programs of system calls, run on this machine's kernel in a child process and recorded as events.
//
// A program is a list of steps for each of a few threads. A step's arguments are numbers, or offsets into
// places that exist only at run time (the arena, the break, the result of the step before), so that a program
// can be generated, shrunk and run again. The arena is a stretch of addresses where nothing else lives,
// unmapped at first.
//
// To add a call: give `steps.h` a generator for it. To check a property: run(), then events_of().
#pragma once

#include <array>
#include <cstdint>
#include <iosfwd>
#include <vector>

#include "replay/capture/event.h"

namespace ringtail::live {

struct Arg {
  enum class Base : std::uint8_t { literal, arena, brk, last_result, segment, file };
  Base base = Base::literal;
  std::int64_t value = 0;
  friend bool operator==(const Arg&, const Arg&) = default;
};

struct Step {
  kernel::Sys sys = kernel::Sys::other;
  std::array<Arg, 6> args{};
  int count = 0;
};
std::ostream& operator<<(std::ostream& os, const Step& s);

using Thread = std::vector<Step>;

inline constexpr std::uint64_t kArena = 0x200000000000;

struct Record {
  Step step;
  std::array<std::uint64_t, 6> args{};
  std::int64_t result = 0;
  std::int32_t thread = 0;  // 0 is the first
  std::uint64_t begin = 0, end = 0;
};

// What happened, in the order of the ends. The child has `threads.size()` threads; it is gone afterwards.
// Empty when the child could not be made or was killed.
std::vector<Record> run(const std::vector<Thread>& threads);

// The same as a recorder would show it: the arena known to be free first, the threads made by clone, then the
// calls with their beginnings where they overlap.
std::vector<capture::Event> events_of(const std::vector<Record>& records, std::size_t threads);

}  // namespace ringtail::live
