// SPDX-License-Identifier: GPL-2.0-or-later
// The calls that tests of orders make.
#pragma once

#include "tests/kernel/drive.h"

namespace ringtail::kernel::orders_tests {

inline constexpr std::uint64_t A = 0x10000000, B = 0x20000000, P = 4096;
inline constexpr std::uint64_t RW = 3, ANON = 0x22, FIXED = 0x32, NOREPLACE = 0x100022, VM = 0x10f00;
inline constexpr std::int64_t kEnomem = -12, kEfault = -14, kEexist = -17;

inline Call munmap(std::uint64_t at, std::uint64_t pages = 4) {
  return call_of(Sys::munmap, {at, pages * P}, 0);
}
inline Call protect(std::uint64_t at, std::int64_t result, std::uint64_t pages = 4) {
  return call_of(Sys::mprotect, {at, pages * P, 1}, result);
}
inline Call map(std::uint64_t result, std::uint64_t pages = 4) {
  return call_of(Sys::mmap, {0, pages * P, RW, ANON, ~0ull, 0}, static_cast<std::int64_t>(result));
}
inline Call map_free(std::uint64_t at, std::int64_t result, std::uint64_t pages = 4) {
  return call_of(Sys::mmap, {at, pages * P, RW, NOREPLACE, ~0ull, 0}, result);
}

inline Call advise(std::uint64_t at, int advice, std::int64_t result, std::uint64_t pages = 4) {
  return call_of(Sys::madvise, {at, pages * P, static_cast<std::uint64_t>(advice)}, result);
}
// move_pages: where are these pages?
inline Call locate(const std::vector<std::uint64_t>& pages, const std::vector<std::int32_t>& status) {
  Call c = call_of(Sys::move_pages, {0, pages.size(), 0x1000, 0, 0x2000, 0}, 0);
  c.pages.items = pages;
  c.status.items = status;
  c.pages.state = List<std::uint64_t>::State::complete;
  c.status.state = List<std::int32_t>::State::complete;
  return c;
}
inline Call bind(std::uint64_t at, std::int64_t result, std::uint64_t pages = 4) {
  Call c = call_of(Sys::mbind, {at, pages * P, 2, 0x1000, 64, 0}, result);
  c.mask.items = {1};
  c.mask.state = List<std::uint64_t>::State::complete;
  return c;
}
inline Call policy_at(std::uint64_t at) {
  Call c = call_of(Sys::get_mempolicy, {0x1000, 0, 0, at, 2}, 0);
  c.outs.items = {0};
  c.outs.state = List<std::uint64_t>::State::complete;
  return c;
}

}  // namespace ringtail::kernel::orders_tests
