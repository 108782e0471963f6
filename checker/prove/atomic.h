// SPDX-License-Identifier: GPL-2.0-or-later
// Read-modify-writes over Values: machine::holds and machine::combine for all inputs.
#pragma once

#include "checker/prove/value.h"
#include "model/lang/ir.h"

namespace ringtail::prove {

z3::expr holds(z3::context& c, ir::Guard guard, const Value& value, const Value& wanted);
Value combine(z3::context& c, ir::RmwOp op, const Value& old, const Value& operand, lang::Width width);

}  // namespace ringtail::prove
