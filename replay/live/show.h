// SPDX-License-Identifier: GPL-2.0-or-later
// What a recorder would have shown of a run.
#pragma once

#include <vector>

#include "replay/capture/event.h"
#include "replay/live/run.h"

namespace ringtail::live {

// The threads made by clone first, then the calls, with their beginnings where they overlap.
std::vector<capture::Event> events_of(const Run& run, const Recorder& recorder);

}  // namespace ringtail::live
