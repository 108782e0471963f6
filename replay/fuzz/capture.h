// SPDX-License-Identifier: GPL-2.0-or-later
// Whatever a capture holds, it is read and judged without harm, and what comes out depends on the capture
// alone: what was read survives JSON lines (reading.h), replaying these instead gives the same verdicts, and
// so does replaying with two threads. A mutated capture of which that is not so, or over which the reader or
// the oracle crashes or does not end, is shrunk to fewer mutations of fewer lines.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/capture/reader.h"
#include "replay/fuzz/mutate.h"

namespace ringtail::fuzz {

// Empty, or what does not hold; in this process.
std::string broken_by(std::string_view capture, capture::Format format);

// Likewise in a process of its own, so that its crash is an answer: `check` is broken_by() or a test's own.
using CaptureCheck = std::function<std::string(std::string_view)>;
std::string in_a_child(const CaptureCheck& check, std::string_view capture);

struct BrokenCapture {
  std::string what;
  std::string capture;  // the smallest
};

// One random mutation of `capture`, the same for the same number.
std::optional<BrokenCapture> try_capture(std::uint64_t number, std::string_view capture,
                                         const CaptureCheck& check);

}  // namespace ringtail::fuzz
