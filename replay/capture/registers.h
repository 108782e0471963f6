// SPDX-License-Identifier: GPL-2.0-or-later
// Calls of which only the argument registers are known, as perf records them: what a pointer points at is
// opaque.
#pragma once

#include <cstdint>

#include "replay/capture/signature.h"

namespace ringtail::capture {

// Sets argument `i` of a call whose `sys` is set, as the kernel's prototype has it.
void set_register(kernel::Call& call, int i, std::uint64_t value);
// Likewise of one that is not known.
void set_unknown(kernel::Call& call, int i);

// -512 and its kin are the kernel's word to itself that a call will be issued again.
kernel::Outcome outcome_of(std::int64_t value);

// Events were lost while the call ran: the end that was recorded may be that of a later call.
void doubt_end(kernel::Call& call);

}  // namespace ringtail::capture
