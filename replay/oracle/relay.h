// SPDX-License-Identifier: GPL-2.0-or-later
// A capture through the oracle, with two processors if there are two.
//
// Taking bytes, joining lines and judging calls are serial, each: a line needs the lines before it, and so
// does a call. What a line says by itself is not. Two runners take stretches of the capture in turns, and
// each takes its own through all steps; at each serial one it waits until the stretch before is through that.
// So the order of the events is that of the capture, whoever judges them, an event stays with the processor
// that read it, and both have as much to do as there is, as long as no serial step alone takes half of the
// time. (A reading thread that hands events to a judging one moves each event, which took longer than to read
// it.)
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
