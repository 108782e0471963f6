// SPDX-License-Identifier: GPL-2.0-or-later
// The arguments and the result of one call as strace prints them, in every spelling from 4.5 to 7:
//
//   madvise(0x7f0000000000, 4096, MADV_DONTNEED) = 0 <0.000012>
//           ^ read_arguments                     ^ read_result
//
// An argument that is not understood becomes unknown and the next one is read; only a line whose brackets or
// quotes do not close, or which has no result where one must stand, is a problem.
#pragma once

#include <cstdint>
#include <string>

#include "model/kernel/call.h"
#include "replay/capture/scan.h"
#include "replay/capture/spare.h"

namespace ringtail::capture {

inline constexpr std::string_view kUnfinished = "<unfinished ...>";

enum class Arguments : std::uint8_t {
  closed,  // up to and with the ')'
  open,    // the text ended before: `io_getevents(0x7f, 1, 8,  <unfinished ...>`
  bad,     // `expected` says what should have stood at the cursor
};

// After "name(", or behind the comma of argument `position` - 1. `call.sys` is set. Where the result is
// `open`, `position` is then how many arguments there were, if they were whole: up to the '(' or a comma;
// else -1.
Arguments read_arguments(Scanner& s, kernel::Call& call, Spare& spare, const char*& expected, int& position);

struct Ending {
  std::int64_t duration_ns = -1;  // -T; -1 when not printed
  bool injected = false;          // strace made this result up, the kernel did not see the call
  bool delimited = false;         // the text ended so that a cut would have shown
};

// After the ')'. False when there is no result.
bool read_result(Scanner& s, kernel::Call& call, Ending& ending, const char*& expected);

}  // namespace ringtail::capture
