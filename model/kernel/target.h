// SPDX-License-Identifier: GPL-2.0-or-later
// Which process a pid argument means, seen from the caller.
#pragma once

#include <cstdint>

#include "model/kernel/step.h"

namespace ringtail::kernel {

struct Target {
  Tri self = Tri::maybe;  // the caller's own thread group
  Tri own_mm = Tri::maybe;
  Task* task = nullptr;  // where the capture has it
  bool no_such = false;  // cannot be a process

  bool known() const { return own_mm == Tri::yes || task; }
};

Target target_of(Step&, std::int32_t pid);

}  // namespace ringtail::kernel
