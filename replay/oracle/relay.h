// SPDX-License-Identifier: GPL-2.0-or-later
// A capture through the oracle, with two processors if there are two.
//
// Taking bytes, joining lines and judging calls are serial, each: a line needs the lines before it, and so
// does a call. What a line says by itself is not. So a few stretches of the capture are under way at a time,
// each at some step; a runner takes what can be done next, and a stretch goes through the serial steps in its
// turn.
//
// What is known of the kernel's state is larger than what a stretch says, and stays with one runner: it
// judges whenever a stretch is ready, and reads only while none is. The other reads, and judges what it has
// read itself where the first is reading: a capture that takes longer to read than to judge keeps both busy,
// and an event with the processor that read it. Events are not moved: that took longer than to read them.
#pragma once

#include <cstdint>
#include <functional>

#include "replay/capture/reader.h"
#include "replay/oracle/oracle.h"

namespace ringtail::oracle {

// Takes every event of `reader`. `progress` is told, now and then, how many lines have been read.
void relay(capture::Reader& reader, Oracle& oracle, bool two_runners,
           const std::function<void(std::uint64_t)>& progress);

}  // namespace ringtail::oracle
