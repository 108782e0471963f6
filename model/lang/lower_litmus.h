// SPDX-License-Identifier: GPL-2.0-or-later
// A litmus test's tree to IR, with herd7's reading: every value is a machine word, types and casts mean
// nothing, a register need not be declared, a parameter is the address of the global that it names, plain
// dereferences are plain accesses.
#pragma once

#include "model/lang/ir.h"
#include "model/lang/litmus.h"

namespace ringtail::lang {

ir::Program lower_litmus(const LitmusTree& tree, Errors& errors);

}  // namespace ringtail::lang
