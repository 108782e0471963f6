// SPDX-License-Identifier: GPL-2.0-or-later
// The path headers of specs/ that composed programs include, as they were when this was built: by their names
// there
// (`ops/access.h`), sorted.
#pragma once

#include <string_view>
#include <vector>

namespace ringtail::hunt {

struct Header {
  std::string_view name, text;
};
const std::vector<Header>& headers();

}  // namespace ringtail::hunt
