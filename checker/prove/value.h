// SPDX-License-Identifier: GPL-2.0-or-later
// A register's or a cell's value: a number, or a term of the solver where it depends on an input.
//
// The machine keeps values in 64 bits, sign- or zero-extended as their C type says (model/lang/arithmetic.h).
// A term is kept as narrow as its type, with the sign that extends it, so that `int` arithmetic is solved in
// 32 bits; a comparison is a Bool, which stands for 0 or 1. What is known as a number is computed by the
// machine's own arithmetic. Invariants:
//  1. For every assignment of the inputs, the value that a term stands for is what the machine would compute.
//  2. Exactly one of the conditions of cases holds, whatever the inputs.
//  3. `bases` are the objects that the value may point into, as far as that is known: those that it was made
//  of.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include <z3++.h>

#include "model/lang/arithmetic.h"

namespace ringtail::prove {

// Where a value may point: addresses of objects, or nobody knows.
struct Bases {
  std::set<std::uint64_t> objects;
  bool anywhere = false;
  void add(const Bases& other) {
    objects.insert(other.objects.begin(), other.objects.end());
    anywhere |= other.anywhere;
  }
};

class Value {
 public:
  Value(std::int64_t number = 0) : number_(number) {}  // NOLINT: numbers are values
  // A bit-vector, extended as `is_signed` says, or a Bool.
  static Value of(const z3::expr& term, bool is_signed);

  struct Case {
    z3::expr when;
    std::int64_t number;
  };
  static Value of(std::vector<Case> cases);

  bool is_number() const { return !term_ && cases_.empty(); }
  const std::vector<Case>& cases() const { return cases_; }
  std::int64_t number() const { return number_; }
  bool same(const Value& other) const;  // for sure
  bool is(std::int64_t n) const { return is_number() && number_ == n; }

  // The low bits of the 64.
  z3::expr bits(z3::context& c, unsigned width) const;
  // It is not 0.
  z3::expr truth(z3::context& c) const;
  // Whether `width` bits, extended as `width` says, are all of it.
  bool fits(lang::Width width) const;

  Bases bases;
  std::set<std::uint32_t> deps;  // reads that it depends on, syntactically; for memory models

 private:
  friend std::optional<std::vector<Case>> as_cases(z3::context& c, const Value& v);
  unsigned width() const { return term_->is_bool() ? 1 : term_->get_sort().bv_size(); }
  std::int64_t number_ = 0;
  std::optional<z3::expr> term_;
  std::vector<Case> cases_;  // none, or several
  bool is_signed_ = false;
};

// As lang::arithmetic; where that has no result, anything.
Value arithmetic(z3::context& c, lang::BinaryOp op, const Value& a, const Value& b, lang::Width width);
// When lang::arithmetic has no result.
z3::expr undefined(z3::context& c, lang::BinaryOp op, const Value& a, const Value& b, lang::Width width);
Value wrap(z3::context& c, const Value& a, lang::Width width);
// Without bases; see Memory::either.
Value either(z3::context& c, const z3::expr& condition, const Value& yes, const Value& no);
z3::expr equal(z3::context& c, const Value& a, const Value& b);
// Of 64 bits.
z3::expr less(z3::context& c, const Value& a, const Value& b, bool is_signed);

}  // namespace ringtail::prove
