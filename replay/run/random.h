// SPDX-License-Identifier: GPL-2.0-or-later
// splitmix64 (Steele, Lea, Flood, OOPSLA 2014): the same numbers from a seed on every host.
#pragma once

#include <cstdint>

namespace ringtail::run {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  template <class C>
  const typename C::value_type& of(const C& choices) {
    return choices[below(choices.size())];
  }
  // 1 to `most`, each power of two as likely as the next.
  std::uint64_t size_to(std::uint64_t most) {
    int bits = 0;
    while (most >> (bits + 1)) ++bits;
    const std::uint64_t low = std::uint64_t{1} << below(static_cast<std::uint64_t>(bits) + 1);
    const std::uint64_t n = low + below(low);
    return n < most ? n : most;
  }

 private:
  std::uint64_t state_;
};

}  // namespace ringtail::run
