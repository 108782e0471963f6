// SPDX-License-Identifier: GPL-2.0-or-later
// A story for the reader's eyes: on a terminal, for Graphviz, in a browser.
#pragma once

#include <string>

#include "checker/witness/story.h"

namespace ringtail::witness {

// The timeline, a column a thread; `command` is how to replay it, and may be empty.
std::string to_text(const Story& s, const std::string& command);

// The execution graph for dot(1), laid out and coloured as herd7 does: events in a column a thread, po black,
// rf red, co blue, fr orange; what breaks sequential consistency is drawn bold.
std::string to_dot(const Story& s);

// One page without outside resources: the timeline with its source beside it; arrow keys step through it.
std::string to_html(const Story& s, const std::string& command);

}  // namespace ringtail::witness
