// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/value.h"

#include <algorithm>

#include "model/base/result.h"

namespace ringtail::prove {

using lang::BinaryOp;
using lang::Width;

namespace {

constexpr std::size_t kMostCases = 16;
constexpr Width kNarrow[] = {{8, true}, {8, false}, {16, true}, {16, false}, {32, true}, {32, false}};

// Adds a case to others, one a number.
void add_case(std::vector<Value::Case>& to, const z3::expr& when, std::int64_t number) {
  if (when.is_false()) return;
  for (Value::Case& c : to)
    if (c.number == number) {
      c.when = (c.when || when).simplify();
      return;
    }
  to.push_back({when, number});
}

z3::expr both(const z3::expr& a, const z3::expr& b) {
  return a.is_true() ? b : b.is_true() ? a : (a && b).simplify();
}

}  // namespace

// Numbers, Bools and cases are cases.
std::optional<std::vector<Value::Case>> as_cases(z3::context& c, const Value& v) {
  if (v.is_number()) return std::vector<Value::Case>{{c.bool_val(true), v.number_}};
  if (!v.cases_.empty()) return v.cases_;
  if (v.term_->is_bool()) return std::vector<Value::Case>{{*v.term_, 1}, {!*v.term_, 0}};
  return std::nullopt;
}

Value Value::of(std::vector<Case> cases) {
  if (cases.size() == 1) return cases[0].number;
  Value v;
  v.cases_ = std::move(cases);
  const auto& k = v.cases_;
  if (k.size() != 2) return v;
  if (k[0].number == 1 && k[1].number == 0) return of(k[0].when, false);
  if (k[0].number == 0 && k[1].number == 1) return of(k[1].when, false);
  return v;
}

bool Value::same(const Value& other) const {
  if (is_number() || other.is_number()) return is_number() && other.is_number() && number_ == other.number_;
  if (!term_ || !other.term_) return false;
  return z3::eq(*term_, *other.term_) && is_signed_ == other.is_signed_;
}

Value Value::of(const z3::expr& term, bool is_signed) {
  Value v;
  v.term_ = term;
  v.is_signed_ = is_signed && !term.is_bool();
  return v;
}

z3::expr Value::bits(z3::context& c, unsigned width) const {
  if (is_number()) return c.bv_val(static_cast<std::uint64_t>(number_), width);
  if (!term_) {
    z3::expr out = c.bv_val(static_cast<std::uint64_t>(cases_.back().number), width);
    for (std::size_t i = cases_.size() - 1; i-- > 0;)
      out = z3::ite(cases_[i].when, c.bv_val(static_cast<std::uint64_t>(cases_[i].number), width), out);
    return out;
  }
  if (term_->is_bool()) return z3::ite(*term_, c.bv_val(1, width), c.bv_val(0, width));
  const unsigned own = this->width();
  if (own == width) return *term_;
  if (own > width) return term_->extract(width - 1, 0);
  return is_signed_ ? z3::sext(*term_, width - own) : z3::zext(*term_, width - own);
}

z3::expr Value::truth(z3::context& c) const {
  if (is_number()) return c.bool_val(number_ != 0);
  if (!term_) {
    z3::expr out = c.bool_val(false);
    for (const Case& k : cases_)
      if (k.number != 0) out = out || k.when;
    return out.simplify();
  }
  if (term_->is_bool()) return *term_;
  return *term_ != c.bv_val(0, width());
}

bool Value::fits(Width w) const {
  if (is_number()) return lang::wrap(number_, w) == number_;
  if (!term_)
    return std::all_of(cases_.begin(), cases_.end(),
                       [&](const Case& k) { return lang::wrap(k.number, w) == k.number; });
  const unsigned own = width();
  if (is_signed_) return w.is_signed && own <= w.bits;
  return own < w.bits || (own == w.bits && !w.is_signed);
}

z3::expr equal(z3::context& c, const Value& a, const Value& b) {
  if (const auto x = as_cases(c, a), y = as_cases(c, b); x && y && x->size() * y->size() <= kMostCases) {
    z3::expr out = c.bool_val(false);
    for (const Value::Case& i : *x)
      for (const Value::Case& j : *y)
        if (i.number == j.number) out = out || both(i.when, j.when);
    return out.simplify();
  }
  for (const Width w : kNarrow)
    if (a.fits(w) && b.fits(w)) return a.bits(c, w.bits) == b.bits(c, w.bits);
  return a.bits(c, 64) == b.bits(c, 64);
}

z3::expr less(z3::context& c, const Value& a, const Value& b, bool is_signed) {
  const Width w{32, is_signed};
  const unsigned bits = a.fits(w) && b.fits(w) ? 32 : 64;
  const z3::expr x = a.bits(c, bits), y = b.bits(c, bits);
  return is_signed ? z3::slt(x, y) : z3::ult(x, y);
}

Value either(z3::context& c, const z3::expr& condition, const Value& yes, const Value& no) {
  if (yes.same(no)) return yes;
  if (condition.is_true()) return yes;
  if (condition.is_false()) return no;
  if (const auto a = as_cases(c, yes), b = as_cases(c, no); a && b && a->size() + b->size() <= kMostCases) {
    std::vector<Value::Case> cases;
    for (const Value::Case& k : *a) add_case(cases, both(condition, k.when), k.number);
    for (const Value::Case& k : *b) add_case(cases, both(!condition, k.when), k.number);
    return Value::of(std::move(cases));
  }
  for (const Width w : kNarrow)
    if (yes.fits(w) && no.fits(w))
      return Value::of(z3::ite(condition, yes.bits(c, w.bits), no.bits(c, w.bits)), w.is_signed);
  return Value::of(z3::ite(condition, yes.bits(c, 64), no.bits(c, 64)), true);
}

Value wrap(z3::context& c, const Value& a, Width width) {
  if (a.is_number()) return lang::wrap(a.number(), width);
  if (a.fits(width)) return a;
  if (!a.cases().empty()) {
    std::vector<Value::Case> cases;
    for (const Value::Case& k : a.cases()) add_case(cases, k.when, lang::wrap(k.number, width));
    return Value::of(std::move(cases));
  }
  Value out = Value::of(a.bits(c, width.bits), width.is_signed);
  out.bases = a.bases;
  return out;
}

z3::expr undefined(z3::context& c, BinaryOp op, const Value& a, const Value& b, Width width) {
  switch (op) {
    case BinaryOp::divide:
    case BinaryOp::modulo: {
      const z3::expr zero = equal(c, b, 0);
      if (!width.is_signed) return zero;
      const Value least = lang::wrap(std::int64_t{1} << (width.bits - 1), width);
      return zero || (equal(c, b, -1) && equal(c, a, least));
    }
    case BinaryOp::shift_left:
    case BinaryOp::shift_right:
      return !less(c, b, width.bits, false);
    default:
      return c.bool_val(false);
  }
}

Value arithmetic(z3::context& c, BinaryOp op, const Value& a, const Value& b, Width width) {
  if (a.is_number() && b.is_number()) {
    const auto n = lang::arithmetic(op, a.number(), b.number(), width);
    return n.value_or(0);
  }
  if (const auto x = as_cases(c, a), y = as_cases(c, b); x && y && x->size() * y->size() <= kMostCases) {
    std::vector<Value::Case> cases;
    for (const Value::Case& i : *x)
      for (const Value::Case& j : *y)
        add_case(cases, both(i.when, j.when), lang::arithmetic(op, i.number, j.number, width).value_or(0));
    if (!cases.empty()) return Value::of(std::move(cases));
  }
  const bool whole = !(a.fits(width) && b.fits(width));
  const unsigned bits = whole ? 64 : width.bits;
  const z3::expr x = a.bits(c, bits), y = b.bits(c, bits);
  const bool is_signed = width.is_signed;
  // of 64 bits, back to the width where the machine does so too
  const auto result = [&](const z3::expr& e) { return wrap(c, Value::of(e, is_signed), width); };
  const auto kept = [&](const z3::expr& e) { return Value::of(e, is_signed); };
  const auto truth = [](const z3::expr& e) { return Value::of(e, false); };
  switch (op) {
    case BinaryOp::multiply:
      return result(x * y);
    case BinaryOp::add:
      return result(x + y);
    case BinaryOp::subtract:
      return result(x - y);
    case BinaryOp::divide:
      return result(is_signed ? x / y : z3::udiv(x, y));
    case BinaryOp::modulo:
      return result(is_signed ? z3::srem(x, y) : z3::urem(x, y));
    case BinaryOp::shift_left:
      return result(z3::shl(x, y));
    case BinaryOp::shift_right:
      return is_signed ? kept(z3::ashr(x, y)) : result(z3::lshr(x, y));
    case BinaryOp::less:
      return truth(is_signed ? z3::slt(x, y) : z3::ult(x, y));
    case BinaryOp::greater:
      return truth(is_signed ? z3::slt(y, x) : z3::ult(y, x));
    case BinaryOp::less_equal:
      return truth(is_signed ? z3::sle(x, y) : z3::ule(x, y));
    case BinaryOp::greater_equal:
      return truth(is_signed ? z3::sle(y, x) : z3::ule(y, x));
    case BinaryOp::equal:
      return truth(equal(c, a, b));
    case BinaryOp::not_equal:
      return truth(!equal(c, a, b));
    case BinaryOp::bit_and:
      return kept(x & y);
    case BinaryOp::bit_xor:
      return kept(x ^ y);
    case BinaryOp::bit_or:
      return kept(x | y);
    case BinaryOp::logical_and:
      return truth(a.truth(c) && b.truth(c));
    case BinaryOp::logical_or:
      return truth(a.truth(c) || b.truth(c));
    case BinaryOp::comma:
      return b;
  }
  fatal("an operator without a meaning");
}

}  // namespace ringtail::prove
