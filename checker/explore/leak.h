// SPDX-License-Identifier: GPL-2.0-or-later
// Which objects are lost: not freed, and no pointer leads to them any more from the program's own variables,
// as the kernel's kmemleak has it. What a variable still holds in the end is not lost.
#pragma once

#include "checker/explore/search.h"

namespace ringtail::explore {

// Addresses, in order, of the lost ones among memory.objects.
std::vector<std::uint64_t> lost_objects(const Initial& memory);

}  // namespace ringtail::explore
