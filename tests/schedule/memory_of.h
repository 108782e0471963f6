// SPDX-License-Identifier: GPL-2.0-or-later
// Everything of a spec's own that is in memory in the end.
#pragma once

#include <vector>

#include "model/lang/ir.h"

namespace ringtail::schedule {

inline std::vector<ir::Place> memory_of(const ir::Program& program) {
  std::vector<ir::Place> out;
  for (const ir::Global& g : program.globals)
    for (const ir::Cell& c : g.cells) {
      out.emplace_back();
      out.back().address = g.address + c.offset;
      out.back().name = g.name + c.name;
    }
  return out;
}

}  // namespace ringtail::schedule
