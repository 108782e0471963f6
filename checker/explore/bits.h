// SPDX-License-Identifier: GPL-2.0-or-later
// A set of events as W words; the width of every graph of one search.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace ringtail::explore {

template <int W>
struct Bits {
  std::uint64_t w[W] = {};

  bool has(std::size_t i) const { return w[i / 64] >> (i % 64) & 1; }
  void add(std::size_t i) { w[i / 64] |= std::uint64_t{1} << (i % 64); }
  void drop(std::size_t i) { w[i / 64] &= ~(std::uint64_t{1} << (i % 64)); }
  bool empty() const {
    for (const std::uint64_t x : w)
      if (x != 0) return false;
    return true;
  }
  int count() const {
    int n = 0;
    for (const std::uint64_t x : w) n += std::popcount(x);
    return n;
  }
  // The least number that is not in the set; 64 * W when all are.
  std::size_t first_free() const {
    for (int i = 0; i < W; ++i)
      if (~w[i] != 0) return static_cast<std::size_t>(i * 64 + std::countr_one(w[i]));
    return 64 * W;
  }
  template <class F>
  void each(F f) const {
    for (int i = 0; i < W; ++i)
      for (std::uint64_t x = w[i]; x != 0; x &= x - 1)
        f(static_cast<std::uint16_t>(i * 64 + std::countr_zero(x)));
  }
  Bits& operator|=(const Bits& o) {
    for (int i = 0; i < W; ++i) w[i] |= o.w[i];
    return *this;
  }
  Bits& operator&=(const Bits& o) {
    for (int i = 0; i < W; ++i) w[i] &= o.w[i];
    return *this;
  }
  friend Bits operator|(Bits a, const Bits& b) { return a |= b; }
  friend Bits operator&(Bits a, const Bits& b) { return a &= b; }
  friend Bits operator-(Bits a, const Bits& b) {
    for (int i = 0; i < W; ++i) a.w[i] &= ~b.w[i];
    return a;
  }
  friend bool operator==(const Bits&, const Bits&) = default;
};

}  // namespace ringtail::explore
