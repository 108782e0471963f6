// SPDX-License-Identifier: GPL-2.0-or-later
// A program as C that needs nothing of this project: it sets the same scene, makes the same calls with the
// same arguments from as many threads, and prints a line a call, in the order of their ends:
//
//   thread 0: madvise(0x200000001000, 0x2000, 0x4, 0, 0, 0) = -22
//
// For whoever wants to see what the kernel does, or to send it to its maintainers.
#pragma once

#include <string>

#include "replay/live/program.h"

namespace ringtail::live {

// `why` becomes the comment on top.
std::string reproducer(const Program& program, const std::string& why);

}  // namespace ringtail::live
