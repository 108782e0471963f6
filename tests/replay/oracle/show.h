// SPDX-License-Identifier: GPL-2.0-or-later
// What a recorder would have shown of a run.
#pragma once

#include <vector>

#include "replay/capture/event.h"
#include "tests/replay/oracle/live.h"

namespace ringtail::live {

struct Recorder {
  bool facts = true;      // the header with the machine's facts, and the memory map at the start
  bool annotate = true;   // what descriptors are
  bool addresses = true;  // where arrays and iocbs are, and what strace leaves out of iocbs
};
std::ostream& operator<<(std::ostream& os, const Recorder& r);

// The threads made by clone first, then the calls, with their beginnings where they overlap.
std::vector<capture::Event> events_of(const Run& run, const Recorder& recorder);

}  // namespace ringtail::live
