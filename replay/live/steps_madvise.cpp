// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/live/pieces.h"
#include "replay/live/steps.h"

namespace ringtail::live {
namespace {

using kernel::Sys;
using rc::gen::weightedOneOf;

constexpr std::int64_t kHwpoison = 100, kSoftOffline = 101;

// All but those that take pages away from the machine for good.
rc::Gen<Arg> advice() {
  return weightedOneOf<Arg>({{8, literal({0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19})},
                             {6, literal({4, 4, 8, 9, 20, 21, 22, 23, 24, 25, 102, 103})},
                             {1, literal({5, 6, 7, 26, 27, 63, 99, 104, -1, 0x7fffffff})}});
}

rc::Gen<Step> any_process_madvise() {
  const auto iov = [](std::size_t i) {
    return rc::gen::map(rc::gen::pair(arena_address(), safe_length()), [i](const std::pair<Arg, Arg>& p) {
      const auto at = static_cast<std::uint16_t>(offsetof(Scratch, iov) + 16 * i);
      return std::vector<Put>{{at, 8, p.first}, {static_cast<std::uint16_t>(at + 8), 8, p.second}};
    });
  };
  const auto fd = weightedOneOf<Arg>(
      {{4, literal({-10000, -20000})}, {2, in(Arg::Base::fd, {8, 9, 10})}, {1, descriptor()}});
  const auto bare =
      step(Sys::process_madvise, fd, pointer(offsetof(Scratch, iov)), literal({0, 1, 1, 2, 2, 3, 1025, -1}),
           advice(), literal({0, 0, 0, 0, 0, 0, 0, 0, 1}));
  return with_puts(with_puts(with_puts(bare, iov(0)), iov(1)), iov(2));
}

rc::Gen<Step> pidfd() {
  return rc::gen::map(
      rc::gen::pair(step(Sys::pidfd_open, in(Arg::Base::self), literal({0})), rc::gen::inRange(8, 11)),
      [](std::pair<Step, int> p) {
        p.first.keep = p.second;
        return p.first;
      });
}

}  // namespace

rc::Gen<Step> madvise_step() {
  return weightedOneOf<Step>(
      {{24, step(Sys::madvise, arena_address(), safe_length(), advice())},
       {1, step(Sys::madvise, arena_address(), literal({0}), literal({kHwpoison, kSoftOffline}))},
       {6, any_process_madvise()},
       {2, pidfd()},
       {8, memory_step()},
       {6, step(Sys::mmap, arena_page(), arena_length(), literal({1, 3, 3, 3}),
                literal({0x32, 0x32, 0x31, 0x8032}), literal({-1}), literal({0}))},
       {3, step(Sys::mmap, arena_page(), arena_length(), literal({1, 3}), literal({0x11, 0x12}),
                in(Arg::Base::fd, {kFile, kFile, kReadOnly, kDirect}), literal({0}))},
       {3, fault_step()}});
}

}  // namespace ringtail::live
