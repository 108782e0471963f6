// SPDX-License-Identifier: GPL-2.0-or-later
// Constants that a program stores.
//
// Where nothing orders a store after the branch that leads to it, a memory model may allow an execution in
// which the stored value is what the branch was taken for. Who finds executions by what others have written
// does not come to such a store, and has to try the value before.
#pragma once

#include <cstdint>
#include <set>

#include "model/lang/ir.h"

namespace ringtail::ir {

// Of the stores that are not among `reached`, the constants that they store.
std::set<std::int64_t> stored_elsewhere(const Program& program, const std::set<const Instr*>& reached);

}  // namespace ringtail::ir
