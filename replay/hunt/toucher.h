// SPDX-License-Identifier: GPL-2.0-or-later
// From a call, and what is known of the world when it begins or ends, to what it touches.
#pragma once

#include <absl/container/inlined_vector.h>

#include "model/kernel/world.h"
#include "replay/capture/event.h"
#include "replay/hunt/mem_write.h"
#include "replay/hunt/touch.h"

namespace ringtail::hunt {

using Touches = absl::InlinedVector<Touch, 2>;

class Toucher {
 public:
  // What the call of an `enter` or `call` event touches; of a call that has not ended, what is known so far.
  // To be asked before the world has seen the event, as pages are those that the call found.
  Touches of(const capture::Event& e, kernel::World& world);

 private:
  MemFiles mem_files_;
};

}  // namespace ringtail::hunt
