// SPDX-License-Identifier: GPL-2.0-or-later
// A story as data, for programs and for the page (html.cpp):
//
//   {"spec", "model", "class", "message", "telling", "explanation",
//    "threads": [{"name", "end"?, "file"?, "line"?}],
//    "steps": [{"thread", "file", "line", "function", "text", "outcome"?, "from"?, "initial"?, "stale"?,
//               "buffered"?, "reaches_memory"?, "fails"?}],
//    "missing": [{"fence", "thread", "before", "after", "text"}]}
//
// Steps count from 0 here; `from` and `stale` are steps.
#pragma once

#include <nlohmann/json.hpp>

#include "checker/witness/story.h"

namespace ringtail::witness {

nlohmann::ordered_json to_json(const Story& s);

}  // namespace ringtail::witness
