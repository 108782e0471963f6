// SPDX-License-Identifier: GPL-2.0-or-later
// What a program and the options of a check mean for the machine and for memory, whichever engine runs them.
#pragma once

#include "checker/explore/explore.h"
#include "checker/explore/sequential.h"

namespace ringtail::explore {

machine::Options machine_options(const ir::Program& program, const Options& o);

// The initializers.
Initial static_memory(const ir::Program& program);
// The initializers, and what INIT leaves; how INIT ended is in `init`.
Initial initial_memory(const machine::Machine& machine, Ran& init);

// The verdict on a program whose INIT fails.
Outcome failing_init(const machine::Machine& machine, const Ran& init);

}  // namespace ringtail::explore
