// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a program of system calls on this machine's kernel, in a child process, and records every call as it
// is made: what it was given, what it returned, the thread's scratch before and after.
//
// To add a call: give steps.h a generator for it. To look at a run as a recorder would have: show.h.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/kernel/call.h"
#include "replay/live/program.h"
#include "replay/live/scene.h"

namespace ringtail::live {

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

// An error, in words, when the child could not be made or was killed: a program may unmap its own stack. It
// is gone afterwards. With `annotate` descriptors are looked up before each call.
Result<Run> run(const std::vector<Thread>& threads, bool annotate);

}  // namespace ringtail::live
