// SPDX-License-Identifier: GPL-2.0-or-later
// What mutations ask of calls, and do to them.
#pragma once

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "tests/bench/strength/mutation.h"

namespace ringtail::strength {

using kernel::Call;
using kernel::Sys;

inline constexpr std::uint64_t kPage = 4096;
inline constexpr std::uint64_t kMapFixed = 0x10, kMapNoReplace = 0x100000;
inline constexpr int kNoNode = 77;  // a node that no host of a capture has

inline bool ok(const Call& c) { return c.out.known() && !c.out.failed(); }
inline bool failed_with(const Call& c, int e) { return c.out.known() && c.out.value == -e; }
inline bool returns(Call& c, std::int64_t v) {
  if (c.out.value == v) return false;
  c.out.value = v;
  return true;
}
inline bool has(const kernel::Word& w, std::uint64_t v) { return w.known() && w.value == v; }
inline bool is_getevents(const Call& c) { return c.sys == Sys::io_getevents || c.sys == Sys::io_pgetevents; }
inline std::uint64_t end_of(const Call& c) {
  return c.arg[0].value + ((c.arg[1].value + kPage - 1) & ~(kPage - 1));
}
inline bool page_aligned(std::uint64_t a) { return a % kPage == 0; }
// An advice of every kernel since 2.4 that no anonymous mapping refuses.
inline bool plain_advice(std::uint64_t a) { return a <= 4 && a != 3; }
// Some errno that the call has no path to.
inline int alien(Rng& rng) {
  constexpr int kAliens[] = {ENOTDIR, EXDEV, ECHILD, ESPIPE, EMLINK, EDOM, ENOTTY, EISDIR};
  return kAliens[rng() % std::size(kAliens)];
}

inline bool own_area(const Event& e, const Surroundings& s) {
  return page_aligned(e.call.arg[0].value) && e.call.arg[1].value != 0 &&
         s.inside_an_area(e.tid, e.call.arg[0].value, end_of(e.call));
}

inline bool own_writable_area(const Event& e, const Surroundings& s) {
  return own_area(e, s) && s.inside_a_writable_area(e.tid, e.call.arg[0].value, end_of(e.call));
}

inline bool own_anonymous_area(const Event& e, const Surroundings& s) {
  return own_area(e, s) && s.inside_private_memory(e.tid, e.call.arg[0].value, end_of(e.call));
}

// Whether the kernel wrote the status of entry `i`: of the last run of one node the kernels from 5.7 to 6.0
// may leave what user space had there, and say 0 all the same; a positive result leaves some unwritten.
inline bool status_written(const Event& e, const Surroundings& s, std::size_t i) {
  const Call& c = e.call;
  if (c.sys != Sys::move_pages || !c.out.known() || c.out.value != 0) return false;
  const kernel::Version v = s.profile().version;
  const auto& nodes = c.nodes.items;
  if (nodes.empty() || v < kernel::Version{4, 17, 0} || v >= kernel::Version{6, 1, 0}) return true;
  if (v < kernel::Version{5, 7, 0}) return v >= kernel::Version{5, 5, 0};
  return i < nodes.size() && c.nodes.complete() &&
         std::any_of(nodes.begin() + static_cast<std::ptrdiff_t>(i), nodes.end(),
                     [&](std::int32_t n) { return n != nodes[i]; });
}

}  // namespace ringtail::strength
