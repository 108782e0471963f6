// SPDX-License-Identifier: GPL-2.0-or-later
// Drives calls through the model, one at a time, in the order in which a capture shows them.
//
//   World w(profile);
//   begin_call(w, {.tid = 7, .begin_seq = 1}, call);                          // only where others may
//   overlap it Verdict v = end_call(w, {.tid = 7, .begin_seq = 1, .end_seq = 4}, call);
#pragma once

#include "model/kernel/rule.h"
#include "model/kernel/world.h"

namespace ringtail::kernel {

// Calls that fit into no order of those that they overlapped are found when the last of those has ended, in
// world.orders.misfits().
void begin_call(World& world, const When& when, const Call& call);
Verdict end_call(World& world, const When& when, const Call& call);

// The thread is gone; what it was in the middle of may have happened.
void end_thread(World& world, std::int32_t tid, std::uint64_t seq);

}  // namespace ringtail::kernel
