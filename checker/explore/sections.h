// SPDX-License-Identifier: GPL-2.0-or-later
// RCU and SRCU read-side critical sections, read off the program's text.
#pragma once

#include "model/lang/ir.h"

namespace ringtail::explore {

struct Sections {
  bool any = false;
  // Every thread ends as many as it begins, whichever way it goes: `if (!p) { rcu_read_unlock(); return; }`
  // has two ends of one section. A section that begins under a condition, and ends under the same, is not
  // seen to.
  bool balanced = true;
};

Sections sections(const ir::Program& program);

}  // namespace ringtail::explore
