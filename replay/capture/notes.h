// SPDX-License-Identifier: GPL-2.0-or-later
// What the readers of text say alike: problems, and the facts that `ringtail record` writes into a capture.
#pragma once

#include <string>
#include <string_view>

#include "replay/capture/event.h"
#include "replay/capture/scan.h"

namespace ringtail::capture {

inline constexpr std::string_view kOversized = "the line is longer than 8 MiB and was skipped";
inline constexpr std::string_view kCut = "expected the rest of a line: the capture is cut here";

// "expected X, not `...`" with what stands at the cursor.
std::string problem_text(const Scanner& s, std::string_view expected);

// `# ringtail NAME=VALUE` -> a fact; false for any other comment.
bool fact_of(std::string_view line, Event& event);

}  // namespace ringtail::capture
