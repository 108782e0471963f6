// SPDX-License-Identifier: GPL-2.0-or-later
// Counters that threads only add to, and never look at: statistics, references that are taken and not put
// back.
//
// In which order the additions come does not matter then to anybody: under SC and under TSO, for any order of
// all else there is an order of them that fits, and what is in the counter in the end is the same. So they
// are no conflict, and their orders are not enumerated (after Nidhugg's treatment of read-modify-writes that
// commute: Jonsson, Lang, Sagonas, "Awaiting for Godot", FMCAD 2022). Under LKMM the order is what makes two
// threads' plain accesses race or not, and is enumerated. So it is beside grace periods: additions in a
// reader's section and before the wait for readers fit in one order only, and which one is not looked for.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "model/lang/ir.h"

namespace ringtail::explore {

// Addresses of such counters, sorted. A place counts as looked at when anything but atomic_add() and the like
// (which return nothing) names it in a thread or an invariant, or when its object's address is used in any
// other way than to access it.
std::vector<std::uint64_t> counters(const ir::Program& program);

// Addresses in objects that threads and invariants do nothing with but store to them.
std::set<std::uint64_t> never_read(const ir::Program& program);

}  // namespace ringtail::explore
