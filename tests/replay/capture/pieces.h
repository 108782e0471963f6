// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstring>
#include <random>
#include <string_view>

#include "replay/capture/bytes.h"

namespace ringtail::capture {

// Gives text in pieces of random size, as a pipe does.
class Pieces final : public ByteSource {
 public:
  Pieces(std::string_view text, std::size_t most, unsigned seed) : rest_(text), most_(most), random_(seed) {}
  std::size_t read(char* out, std::size_t size) override {
    const std::size_t n = std::min({rest_.size(), size, 1 + random_() % most_});
    if (n > 0) std::memcpy(out, rest_.data(), n);
    rest_.remove_prefix(n);
    if (n == 0) error_ = "the end";
    return n;
  }

 private:
  std::string_view rest_;
  std::size_t most_;
  std::mt19937 random_;
};

}  // namespace ringtail::capture
