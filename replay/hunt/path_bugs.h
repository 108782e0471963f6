// SPDX-License-Identifier: GPL-2.0-or-later
// Which kernel the paths of specs/ are: each difference is a macro that a composed program defines or not.
//
// Where the path has the bug as its sources had it, the macro (FIX_...) is the fix; where it has the fix, the
// macro takes it back. Other rows are no bugs, but what paths did differently. The same ids, commits and
// releases stand in the @bug notes of specs/, to which a test holds this table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/kernel/profile.h"

namespace ringtail::hunt {

enum class Domain : std::uint8_t { pages, context, descriptor };

struct PathBug {
  std::string_view id;  // empty: not a bug
  std::string_view macro;
  bool is_fix = true;  // the macro is the fix
  Domain domain = Domain::pages;
  kernel::Version since{};  // the first kernel with the bug
  kernel::Version fixed{};  // the first without
  std::string_view commit;  // that fixed it; empty where its hash is not certain
  std::string_view subject;

  bool in(kernel::Version v) const;
  // Whether the program defines the macro, to have the bug or not.
  bool defines(bool buggy) const { return buggy != is_fix; }
};

const std::vector<PathBug>& path_bugs();

}  // namespace ringtail::hunt
