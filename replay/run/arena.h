// SPDX-License-Identifier: GPL-2.0-or-later
// The memory that a round is about: one mapping of one kind, at an address where nothing else is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/result.h"
#include "replay/host/tape.h"
#include "replay/run/ledger.h"

namespace ringtail::run {

enum class Kind : std::uint8_t { anonymous, huge, file, shared, hugetlb };
inline constexpr int kKinds = 5;
std::string_view text_of(Kind);

constexpr bool is_huge(Kind k) { return k == Kind::huge || k == Kind::hugetlb; }
constexpr bool begins_as_zeros(Kind k) { return k != Kind::file; }

class Arena {
 public:
  // `pages` is rounded up to whole huge pages where the kind has such. `first` is the number of its first
  // page in the pattern; a private file, in `folder`, is filled with generation 0.
  static Result<Arena> map(Kind, std::size_t pages, std::uint32_t first, const std::string& folder,
                           host::Tape&);
  void unmap(host::Tape&);

  Kind kind() const { return kind_; }
  std::size_t pages() const { return pages_; }
  std::uint64_t base() const { return base_; }
  std::uint64_t bytes() const { return pages_ * kPageBytes; }
  std::uint64_t address(std::size_t page) const { return base_ + page * kPageBytes; }
  std::uint64_t* words(std::size_t page) const { return reinterpret_cast<std::uint64_t*>(address(page)); }

 private:
  Kind kind_ = Kind::anonymous;
  std::size_t pages_ = 0;
  std::uint64_t base_ = 0;
  int fd_ = -1;
};

// What is mapped at a page, and whether as a swap entry: /proc/self/pagemap (Documentation/admin-guide/mm).
struct Residence {
  bool known = false, present = false, swapped = false;
};
Residence residence(std::uint64_t address);

}  // namespace ringtail::run
