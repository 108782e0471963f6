// SPDX-License-Identifier: GPL-2.0-or-later
// Which calls are atomic towards each other, and what of an address space each of them has to do with: what
// trying orders (orders.h) rests on.
#pragma once

#include <optional>

#include "model/kernel/address_space.h"
#include "model/kernel/world.h"

namespace ringtail::kernel {

// Whether the call does what it does to the mappings in one critical section of mmap_lock.
bool is_atomic(const Profile&, const Call&);

// What such a call reads or changes, given its result: of pages in none of these ranges it neither learns nor
// leaves anything but ignorance. Nothing when that is not bounded. `brk` is the break before all of them.
std::optional<Ranges> touched_by(const World&, const Task&, const Call&, std::optional<Address> brk);

}  // namespace ringtail::kernel
