// SPDX-License-Identifier: GPL-2.0-or-later
// What a hunt found, capture by capture and shape by shape, as text and as JSON. Nothing of it depends on
// time, on the number of jobs, or on what came from the cache.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/hunt_explore.h"
#include "replay/hunt/finder.h"

namespace ringtail::cli {

struct HuntedShape {
  hunt::Found found;
  hunt::Program program;
  std::vector<ModelResult> results;
};

struct HuntedCapture {
  std::string file;
  kernel::Profile profile;
  std::uint64_t lines = 0, calls = 0, undecided = 0, lost = 0, problems = 0;
  bool unordered = false;
  std::vector<HuntedShape> shapes;
};

// Every model was asked, and has ended.
bool ended(const HuntedShape&);

// safe, violation, or inconclusive: a bound or a time limit, calls of which nothing could be told, or no call
// at all that has to do with pages, contexts or descriptors. Of a shape also: not explored, of sets of three
// that were not asked for. That, too, is a bound: what was looked at without them is inconclusive.
std::string_view verdict_of(const HuntedShape&);
std::string_view verdict_of(const std::vector<HuntedCapture>&);

std::string hunt_text(const std::vector<HuntedCapture>&);
std::string hunt_json(const std::vector<HuntedCapture>&);

}  // namespace ringtail::cli
