// SPDX-License-Identifier: GPL-2.0-or-later
// What a recorder shows of a call's pointers: from registers and memory to a kernel::Call, parameter by
// parameter as the table of replay/capture/signature.h names them.
#pragma once

#include "model/kernel/call.h"
#include "replay/host/tape.h"

namespace ringtail::host {

// Before the call: its numbers, and what the kernel will read.
void show_arguments(const Words& args, kernel::Call& call);
// After it, with call.out set: what the kernel wrote.
void show_results(const Words& args, kernel::Call& call);
// A call as it was when it began.
void forget_results(kernel::Call& call);

}  // namespace ringtail::host
