// SPDX-License-Identifier: GPL-2.0-or-later
// What ringtail check prints: of one check, as text, as herd7 does, or as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "checker/explore/explore.h"
#include "cli/refines.h"
#include "model/lang/load.h"

namespace ringtail::cli {

// What was asked, and of what.
struct CheckOptions {
  std::vector<std::string> specs, defines;
  std::string model, witness, dot, html, plain;
  explore::Options explore;
  unsigned jobs = 1;
  std::uint64_t random = 0, seed = 1;
  std::optional<unsigned> preemptions;
  bool json = false, refines = false;
  bool without_finally = false;  // of stories: what FINALLY does, unless it is what fails, is left out
};

// One variant of a spec under one model, and what came out.
struct Checked {
  std::string path;
  std::vector<std::string> defines;  // NAME or NAME=VALUE
  std::vector<std::string> variant;  // their names, sorted
  const lang::Spec* spec = nullptr;
  memory::Model model = memory::Model::lkmm;
  explore::Outcome outcome;
  double seconds = 0;
  std::optional<Refines> refines = {};  // of --refines, less its outcome

  const lang::ModelVerdict* expected() const;
  bool as_expected() const;
  int status() const;  // the command's, had it made this check only
};

// The story of an execution, as text and as JSON; writes the files that were asked for.
std::pair<std::string, nlohmann::ordered_json> tell(const Checked& c, const CheckOptions& o,
                                                    const explore::Violation& v);

// Prints, and writes the files that were asked for; under --json it adds to `checks` instead. Where it is to
// be brief, the story of a violation that is expected is left out.
void print(const Checked& c, const CheckOptions& o, bool brief, nlohmann::ordered_json& checks);

}  // namespace ringtail::cli
