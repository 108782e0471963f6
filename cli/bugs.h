// SPDX-License-Identifier: GPL-2.0-or-later
// The bugs that specs tell of (@bug with an id), and what checking them gives.
//
// A bug is a variant of a spec: the one in the brackets of @bug, or the plain one. It is fixed in the variant
// that the spec expects to be safe under all models and that differs from it in the fewest macros. The model
// that shows it is the strongest under which the buggy variant is violated: sc, then tso, then lkmm.
#pragma once

#include <string>
#include <vector>

#include "checker/explore/outcome.h"
#include "model/lang/annotation.h"
#include "model/memory/model.h"

namespace ringtail::cli {

struct BugCheck {
  bool buggy = true;  // or fixed
  memory::Model model = memory::Model::sc;
  std::string verdict;  // safe, violation, ...
  std::string violation;
  std::string expected;
  bool as_expected = true;
  std::uint64_t executions = 0, blocked = 0;  // 0: not explored
};

struct BugRow {
  std::string spec;
  lang::Bug bug;
  std::vector<std::string> fixed;  // the variant without it
  bool has_fixed = false;
  std::string seed;
  std::vector<BugCheck> checks;

  const BugCheck* shown() const;  // the buggy variant's violation under the strongest model; null: nowhere
  std::uint64_t executions() const;
};

// What the spec at `path` tells of bugs; nothing is explored: verdicts are those that it expects.
std::vector<BugRow> bugs_of(const std::string& path, const lang::Annotations& a);

// Explores each check of the row; false when one of its variants cannot be loaded.
bool explore_bug(BugRow& row, double timeout);

}  // namespace ringtail::cli
