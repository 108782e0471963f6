// SPDX-License-Identifier: GPL-2.0-or-later
// The witness file: what `ringtail check --witness FILE` writes and `ringtail explain FILE` replays. It is
// JSON with a step a line, in the order of the timeline and with its numbers, so that a person can read and
// edit it:
//
//   {"ringtail-witness": 1, "spec": "ring.c", "defines": [], "model": "lkmm", "plain_is_once": false,
//   "unroll": 0,
//    "class": "assertion", "message": "",
//    "steps": [
//     {"step": 1, "thread": "reader", "at": "ring.c:40", "text": "READ_ONCE(ring.tail)", "value": 1, "from":
//     4},
//     ...
//    "coherence": [[3, 7]]}
//
// A read has the value it saw and the step that wrote it, 0 for the initial value; a choose() has its value.
// "fails": true is at the end of a thread whose next access has a wrong address.
// "init": [7], where it is, is what choose() gives in INIT. `coherence` lists, for each location that was
// written more than once, the steps that wrote it, oldest first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checker/witness/story.h"
#include "model/base/result.h"

namespace ringtail::witness {

struct ScriptStep {
  std::string thread, at, text;
  std::optional<std::int64_t> value;
  std::optional<std::size_t> from;
  bool fails = false;
  friend bool operator==(const ScriptStep&, const ScriptStep&) = default;
};

struct Script {
  std::string spec;
  std::vector<std::string> defines;  // NAME or NAME=VALUE
  memory::Model model = memory::Model::lkmm;
  bool plain_is_once = false;
  std::uint32_t unroll = 0;
  std::string proof;  // the PROOF that ran, if not the threads; the program to replay on is then it alone
  std::string kind, message;
  std::vector<std::int64_t> init;  // what choose() gives in INIT
  std::vector<ScriptStep> steps;
  std::vector<std::vector<std::size_t>> coherence;
  friend bool operator==(const Script&, const Script&) = default;
};

std::string print(const Script& s);
Result<Script> parse_script(const std::string& text);

// The steps and the coherence of a story; the rest is the caller's.
Script script_of(const Story& s);

}  // namespace ringtail::witness
