// SPDX-License-Identifier: GPL-2.0-or-later
// A program run on this machine's kernel, and what it did held against the syscall model: recorded, written
// as JSON lines, read again and replayed, as a capture would be.
#pragma once

#include <optional>
#include <string>

#include "model/kernel/profile.h"
#include "replay/live/program.h"
#include "replay/oracle/summary.h"

namespace ringtail::live {

kernel::Profile this_kernel();

// The program's capture, as JSON lines; an error when it did not come to its end.
Result<std::string> recorded(const Program& program);

struct Finding {
  oracle::Divergence divergence;
  std::string capture;  // JSON lines
};

struct Held {
  std::string not_run;  // why the program did not come to its end, which says nothing of the model
  std::uint64_t calls = 0, judged = 0;
  std::optional<Finding> finding;  // the first
};

Held hold(const Program& program);

// Likewise of a capture. The error is the first line that the reader could not read.
Result<Held> hold_capture(std::string text);

}  // namespace ringtail::live
