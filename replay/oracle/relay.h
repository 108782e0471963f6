// SPDX-License-Identifier: GPL-2.0-or-later
// A capture through the oracle, with two processors if there are two.
//
// Reading and judging are both serial: a line needs the lines before it, and so does a call. But they can go
// on at the same time, on different stretches of the capture. Two runners take turns: each reads a batch of
// events while it holds the reader, and then, when the batch before has been judged, judges its own. So the
// order of the events is that of the capture, whoever judges them, and an event stays with the processor that
// read it: what moves between the two is the state of the reader and of the model, once a batch. (A reading
// thread that hands events to a judging one moves each event, which took longer than to read it.)
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
