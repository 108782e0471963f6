// SPDX-License-Identifier: GPL-2.0-or-later
// Plain accesses that LKMM's axioms never turn on: to a location that one thread alone accesses, or that
// nobody writes, and that has no marked access. They are in no external rf, co or fr, so that no other access
// races with them; a plain access is never in happens-before; and where it has its place in its own thread's
// order of the location, it closes no cycle there. What is left of them are the dependencies that a value
// carries through such a location, and plain writes with an address dependency, which smp_wmb() orders
// (lkmm.h, to_w).
#pragma once

#include "model/memory/graph.h"

namespace ringtail::memory {

// Consistent under LKMM if and only if `g` is, with the same races and flags. `carries`: whether dependencies
// pass through memory (carry-dep); `ids` gets the events that are kept, each at the place of its new id.
Graph without_own_accesses(const Graph& g, bool carries, std::vector<EventId>* ids = nullptr);

}  // namespace ringtail::memory
