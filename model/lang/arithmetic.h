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

std::int64_t wrap(std::int64_t value, Width width);

// Empty for a division by zero, for one that overflows, and for a shift out of range. Comparisons give 0
// or 1.
std::optional<std::int64_t> arithmetic(BinaryOp op, std::int64_t left, std::int64_t right, Width width);

}  // namespace ringtail::lang
