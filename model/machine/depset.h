// SPDX-License-Identifier: GPL-2.0-or-later
// Sets of reads that a value depends on, interned: a register carries a 32-bit number instead of a set, equal
// sets have equal numbers, and the union of two known sets is one look-up. 0 is the empty set. Members are
// whatever small numbers the explorer gives its reads.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <map>
#include <vector>

namespace ringtail::machine {

using DepSet = std::uint32_t;

class DepTable {
 public:
  static constexpr std::size_t words = 8;
  using Bits = std::array<std::uint64_t, words>;
  static constexpr std::size_t members = words * 64;

  DepTable() { sets_.push_back({}); }

  DepSet single(std::size_t member) {
    Bits bits{};
    bits[member / 64] = std::uint64_t{1} << (member % 64);
    return intern(bits);
  }
  DepSet join(DepSet a, DepSet b) {
    if (a == b || b == 0) return a;
    if (a == 0) return b;
    if (a > b) std::swap(a, b);
    const auto [it, fresh] = unions_.try_emplace(std::uint64_t{a} << 32 | b, 0);
    if (fresh) {
      Bits bits = sets_[a];
      for (std::size_t i = 0; i < words; ++i) bits[i] |= sets_[b][i];
      const DepSet joined = intern(bits);
      unions_[std::uint64_t{a} << 32 | b] = joined;
      return joined;
    }
    return it->second;
  }
  const Bits& bits(DepSet s) const { return sets_[s]; }

 private:
  DepSet intern(const Bits& bits) {
    const auto [it, fresh] = numbers_.try_emplace(bits, static_cast<DepSet>(sets_.size()));
    if (fresh) sets_.push_back(bits);
    return it->second;
  }

  std::vector<Bits> sets_;
  std::map<Bits, DepSet> numbers_{{Bits{}, 0}};
  std::map<std::uint64_t, DepSet> unions_;
};

}  // namespace ringtail::machine
