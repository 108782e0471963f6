// SPDX-License-Identifier: GPL-2.0-or-later
// Ten kernels that do not exist. Each is the model with one judge exchanged for a wrong one: it lets pass
// what the kernel refuses, or forgets what a call leaves behind. On the real kernel a search must see the
// difference.
#pragma once

#include <string>
#include <vector>

#include "model/kernel/step.h"
#include "replay/live/steps.h"

namespace ringtail::plants {

struct Plant {
  const char* name;
  live::Family family;  // where to look for it
  kernel::Sys sys;
  void (*wrong)(kernel::Step&);
};

const std::vector<Plant>& plants();

// What the model of this process believes; null: the truth.
void plant(const Plant* p);

}  // namespace ringtail::plants
