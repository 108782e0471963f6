// SPDX-License-Identifier: GPL-2.0-or-later
// Whether an access is to where something is: the rule for threads and for what runs alone.
#pragma once

#include "model/machine/machine.h"

namespace ringtail::explore {

// Requests with an address that can be wrong.
bool has_address(const machine::Request& q);
// An access, or kfree(), at the object of `size` bytes at `base`.
machine::Failure check_object(const machine::Request& q, std::uint64_t base, std::uint64_t size);
// An access outside the heap.
machine::Failure check_global(const ir::Program& program, const machine::Request& q);

}  // namespace ringtail::explore
