// SPDX-License-Identifier: GPL-2.0-or-later
// What a user finds in his pages: the half of a call's meaning that the syscall model, which follows what is
// mapped, has no state for. A page has contents of its own, or those of its file, or zeros.
//
// MADV_FREE leaves a choice open, which nobody makes before he looks: until it is written to, the page has
// what it had, or zeros.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "checker/refine/composition.h"

namespace ringtail::refine {

inline constexpr std::uint64_t kFirstContents = 1;                  // FIRST_CONTENTS of specs/ops/scene.h
inline constexpr std::uint64_t kNothingMapped = ~std::uint64_t{0};  // NOTHING_MAPPED there

class Contents {
 public:
  // As the scene leaves them; `space` pages of address space.
  Contents(const Composition&, int space);

  int space() const { return static_cast<int>(pages_.size()); }
  bool may_hold(int page, std::uint64_t value) const;

  void store(int page, std::uint64_t value);
  void load(int page, std::uint64_t value);  // found so
  void map_zeros(int page);                  // anonymous memory, over what was there
  void give_up(int page);                    // its own contents are gone: MADV_DONTNEED
  void may_give_up(int page);                // MADV_FREE
  void punch(int page);                      // what is there of the file becomes zeros: MADV_REMOVE
  void move(int from, int to);

 private:
  struct Page {
    std::optional<std::uint64_t> own;
    int file = -1;  // the page of the file behind it; -1: none
    bool shared = false;
    bool freed = false;
  };
  std::vector<Page> pages_;
  std::vector<std::uint64_t> file_;
};

}  // namespace ringtail::refine
