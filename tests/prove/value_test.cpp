// SPDX-License-Identifier: GPL-2.0-or-later
// Terms against the machine's arithmetic: whatever the inputs are, a term stands for the number that the
// machine gets.
#include "checker/prove/value.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ringtail::prove {
namespace {

using lang::BinaryOp;
using lang::Width;

const std::vector<Width> kWidths = {{8, true},  {8, false},  {16, true}, {16, false},
                                    {32, true}, {32, false}, {64, true}, {64, false}};
const std::vector<BinaryOp> kOps = {BinaryOp::multiply,    BinaryOp::add,           BinaryOp::subtract,
                                    BinaryOp::divide,      BinaryOp::modulo,        BinaryOp::shift_left,
                                    BinaryOp::shift_right, BinaryOp::less,          BinaryOp::greater,
                                    BinaryOp::less_equal,  BinaryOp::greater_equal, BinaryOp::equal,
                                    BinaryOp::not_equal,   BinaryOp::bit_and,       BinaryOp::bit_xor,
                                    BinaryOp::bit_or,      BinaryOp::logical_and,   BinaryOp::logical_or};

// Numbers at the edges of types, and any.
std::int64_t number(Width w) {
  const std::int64_t any = *rc::gen::oneOf(
      rc::gen::arbitrary<std::int64_t>(), rc::gen::inRange<std::int64_t>(-3, 4),
      rc::gen::map(rc::gen::inRange(0, 64),
                   [](int bit) { return static_cast<std::int64_t>(std::uint64_t{1} << bit); }));
  return lang::wrap(any, w);
}

// A value whose term is a symbol that is known to be n; or n itself; or one of two cases.
class Symbols {
 public:
  z3::context c;
  Value of(std::int64_t n, Width w) {
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        return n;
      case 1: {
        const z3::expr b = c.bool_const(name().c_str());
        known_.push_back(b);
        return either(c, b, n, n + 1);
      }
      default: {
        const z3::expr x = c.bv_const(name().c_str(), w.bits);
        known_.push_back(x == c.bv_val(n, w.bits));
        return Value::of(x, w.is_signed);
      }
    }
  }
  bool holds(const z3::expr& e) {
    z3::solver s(c);
    for (const z3::expr& k : known_) s.add(k);
    s.add(!e);
    return s.check() == z3::unsat;
  }

 private:
  std::string name() { return "x" + std::to_string(next_++); }
  std::vector<z3::expr> known_;
  int next_ = 0;
};

RC_GTEST_PROP(Value, ArithmeticIsTheMachines, ()) {
  Symbols s;
  const Width w = *rc::gen::elementOf(kWidths);
  for (const BinaryOp op : kOps) {
    const bool shifts = op == BinaryOp::shift_left || op == BinaryOp::shift_right;
    const std::int64_t a = number(w);
    const std::int64_t b = shifts ? *rc::gen::inRange<std::int64_t>(-1, w.bits + 2) : number(w);
    const Value x = s.of(a, w), y = s.of(b, shifts ? Width{32, true} : w);
    const auto want = lang::arithmetic(op, a, b, w);
    const z3::expr wrong = undefined(s.c, op, x, y, w);
    if (!want) {
      RC_ASSERT(s.holds(wrong));
      continue;
    }
    RC_ASSERT(s.holds(!wrong));
    const Value got = arithmetic(s.c, op, x, y, w);
    RC_ASSERT(s.holds(got.bits(s.c, 64) == s.c.bv_val(*want, 64) && equal(s.c, got, *want) &&
                      got.truth(s.c) == s.c.bool_val(*want != 0)));
  }
}

RC_GTEST_PROP(Value, WrapsAndComparesAsTheMachineDoes, ()) {
  Symbols s;
  const Width from = *rc::gen::elementOf(kWidths), to = *rc::gen::elementOf(kWidths);
  const std::int64_t a = number(from), b = number(to);
  const Value x = s.of(a, from), y = s.of(b, to);
  RC_ASSERT(s.holds(wrap(s.c, x, to).bits(s.c, 64) == s.c.bv_val(lang::wrap(a, to), 64)));
  RC_ASSERT(s.holds(less(s.c, x, y, true)) == (a < b));
  RC_ASSERT(s.holds(less(s.c, x, y, false)) ==
            (static_cast<std::uint64_t>(a) < static_cast<std::uint64_t>(b)));
  RC_ASSERT(s.holds(equal(s.c, x, y)) == (a == b));
  const bool yes = *rc::gen::arbitrary<bool>();
  const Value one = either(s.c, s.c.bool_const("either") == s.c.bool_val(true), x, y);
  RC_ASSERT(s.holds(z3::implies(s.c.bool_const("either") == s.c.bool_val(yes),
                                one.bits(s.c, 64) == s.c.bv_val(yes ? a : b, 64))));
}

}  // namespace
}  // namespace ringtail::prove
