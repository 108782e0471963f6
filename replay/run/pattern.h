// SPDX-License-Identifier: GPL-2.0-or-later
// What pages are filled with: every 8-byte word says which page, which word of it, and in which generation it
// was written. A word that a copy left out, moved or took from elsewhere, or from an earlier time, says so
// itself.
//
//   bits 63-40  the page's number, which no other page of the run has (of 16 million, then they recur)
//   bits 39-10  the generation
//   bits  9-1   the word's index in its page of 4096 bytes
//   bit   0     set: a word of the pattern is never zero, as fresh memory is
#pragma once

#include <cstddef>
#include <cstdint>

namespace ringtail::run {

inline constexpr std::size_t kPageBytes = 4096;
inline constexpr std::size_t kWords = kPageBytes / sizeof(std::uint64_t);

struct Stamp {
  std::uint32_t page = 0;        // 24 bits
  std::uint32_t generation = 0;  // 30 bits
  std::uint32_t index = 0;
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

constexpr std::uint64_t word_of(Stamp s) {
  return (std::uint64_t{s.page} & 0xffffff) << 40 | (std::uint64_t{s.generation} & 0x3fffffff) << 10 |
         (s.index & 0x1ff) << 1 | 1;
}
constexpr Stamp stamp_of(std::uint64_t word) {
  return {static_cast<std::uint32_t>(word >> 40), static_cast<std::uint32_t>(word >> 10 & 0x3fffffff),
          static_cast<std::uint32_t>(word >> 1 & 0x1ff)};
}
constexpr bool is_stamp(std::uint64_t word) { return word & 1; }

static_assert(stamp_of(word_of({0xabcdef, 0x3fffffff, 0x1ff})) == Stamp{0xabcdef, 0x3fffffff, 0x1ff});

}  // namespace ringtail::run
