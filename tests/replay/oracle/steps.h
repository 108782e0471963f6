// SPDX-License-Identifier: GPL-2.0-or-later
// Generators of steps: arguments that are mostly sensible, often at edges, and sometimes absurd.
#pragma once

#include <rapidcheck.h>

#include "tests/replay/oracle/live.h"

namespace ringtail::live {

rc::Gen<Step> memory_step();

// A program whose every step is `step`.
inline rc::Gen<Thread> thread_of(rc::Gen<Step> step) { return rc::gen::container<Thread>(std::move(step)); }

}  // namespace ringtail::live
