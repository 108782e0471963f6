// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/atomic.h"

#include "model/base/result.h"

namespace ringtail::prove {

using lang::BinaryOp;
using lang::Width;

z3::expr holds(z3::context& c, ir::Guard guard, const Value& value, const Value& wanted) {
  switch (guard) {
    case ir::Guard::always:
      return c.bool_val(true);
    case ir::Guard::equal:
      return equal(c, value, wanted);
    case ir::Guard::not_equal:
      return !equal(c, value, wanted);
    case ir::Guard::greater:
      return less(c, wanted, value, true);
    case ir::Guard::less:
      return less(c, value, wanted, true);
    case ir::Guard::mask_zero:
      return !arithmetic(c, BinaryOp::bit_and, value, wanted, {64, true}).truth(c);
    case ir::Guard::mask_set:
      return arithmetic(c, BinaryOp::bit_and, value, wanted, {64, true}).truth(c);
  }
  fatal("a guard without a meaning");
}

Value combine(z3::context& c, ir::RmwOp op, const Value& old, const Value& operand, Width width) {
  const Width whole{64, true};
  const auto result = [&](BinaryOp o, const Value& b) {
    return wrap(c, arithmetic(c, o, old, b, whole), width);
  };
  switch (op) {
    case ir::RmwOp::exchange:
      return wrap(c, operand, width);
    case ir::RmwOp::add:
      return result(BinaryOp::add, operand);
    case ir::RmwOp::subtract:
      return result(BinaryOp::subtract, operand);
    case ir::RmwOp::bit_and:
      return result(BinaryOp::bit_and, operand);
    case ir::RmwOp::bit_or:
      return result(BinaryOp::bit_or, operand);
    case ir::RmwOp::bit_xor:
      return result(BinaryOp::bit_xor, operand);
    case ir::RmwOp::and_not:
      return result(BinaryOp::bit_and, arithmetic(c, BinaryOp::bit_xor, operand, -1, whole));
  }
  fatal("a read-modify-write without a meaning");
}

}  // namespace ringtail::prove
