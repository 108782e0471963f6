// SPDX-License-Identifier: GPL-2.0-or-later
// C's integer arithmetic on values kept in 64 bits. A value of a narrower type is kept sign- or
// zero-extended, as its type says; `wrap` brings a result back to that form. Signed overflow wraps, as the
// kernel is built (-fno-strict-overflow).
#pragma once

#include <cstdint>
#include <optional>

#include "model/lang/tree.h"

namespace ringtail::lang {

struct Width {
  std::uint8_t bits = 64;
  bool is_signed = true;
  friend bool operator==(const Width&, const Width&) = default;
};

inline std::int64_t wrap(std::int64_t value, Width width) {
  if (width.bits >= 64) return value;
  const std::uint64_t mask = (std::uint64_t{1} << width.bits) - 1;
  std::uint64_t low = static_cast<std::uint64_t>(value) & mask;
  if (width.is_signed && (low >> (width.bits - 1)) != 0) low |= ~mask;
  return static_cast<std::int64_t>(low);
}

// Empty for a division by zero, for one that overflows, and for a shift out of range. Comparisons give 0
// or 1.
inline std::optional<std::int64_t> arithmetic(BinaryOp op, std::int64_t left, std::int64_t right,
                                              Width width) {
  const auto u = static_cast<std::uint64_t>(left), v = static_cast<std::uint64_t>(right);
  const auto signed_of = [&](std::uint64_t n) { return wrap(static_cast<std::int64_t>(n), width); };
  const bool is_signed = width.is_signed;
  switch (op) {
    case BinaryOp::multiply:
      return signed_of(u * v);
    case BinaryOp::add:
      return signed_of(u + v);
    case BinaryOp::subtract:
      return signed_of(u - v);
    case BinaryOp::divide:
    case BinaryOp::modulo: {
      if (right == 0) return std::nullopt;
      const bool divide = op == BinaryOp::divide;
      if (!is_signed) return signed_of(divide ? u / v : u % v);
      if (right == -1) {  // the one quotient that does not fit
        if (left == wrap(std::int64_t{1} << (width.bits - 1), width)) return std::nullopt;
        return divide ? signed_of(0 - u) : 0;
      }
      return divide ? left / right : left % right;
    }
    case BinaryOp::shift_left:
      if (v >= width.bits) return std::nullopt;
      return signed_of(u << v);
    case BinaryOp::shift_right:
      if (v >= width.bits) return std::nullopt;
      return is_signed ? left >> v : signed_of(u >> v);
    case BinaryOp::less:
      return is_signed ? left < right : u < v;
    case BinaryOp::greater:
      return is_signed ? left > right : u > v;
    case BinaryOp::less_equal:
      return is_signed ? left <= right : u <= v;
    case BinaryOp::greater_equal:
      return is_signed ? left >= right : u >= v;
    case BinaryOp::equal:
      return left == right;
    case BinaryOp::not_equal:
      return left != right;
    case BinaryOp::bit_and:
      return left & right;
    case BinaryOp::bit_xor:
      return left ^ right;
    case BinaryOp::bit_or:
      return left | right;
    case BinaryOp::logical_and:
      return left != 0 && right != 0;
    case BinaryOp::logical_or:
      return left != 0 || right != 0;
    case BinaryOp::comma:
      return right;
  }
  return std::nullopt;
}

}  // namespace ringtail::lang
