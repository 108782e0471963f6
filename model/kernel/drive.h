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

struct When {
  std::int32_t tid = 0;
  std::int32_t pid = 0;
  std::uint64_t begin_seq = 0, end_seq = 0;
  std::int64_t end_ns = -1;  // -1 when the capture has no times
};

void begin_call(World& world, const When& when, const Call& call);
Verdict end_call(World& world, const When& when, const Call& call);

// The thread is gone; what it was in the middle of may have happened.
void end_thread(World& world, std::int32_t tid, std::uint64_t seq);

}  // namespace ringtail::kernel
