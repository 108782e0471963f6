// SPDX-License-Identifier: GPL-2.0-or-later
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>

#include "replay/live/pieces.h"
#include "replay/live/steps.h"

namespace ringtail::live {
namespace {

using kernel::Sys;
using rc::gen::weightedOneOf;

constexpr std::int64_t kFixed = 0x10, kNoReplace = 0x100000;

rc::Gen<Arg> address() {
  return weightedOneOf<Arg>({{20, arena_page()},
                             {2, in(Arg::Base::last)},
                             {1, in(Arg::Base::arena, {1, 100, -1, 5 * kPage + 7})},
                             {1, literal({0, kPage, -kPage, 0x7ffffffff000, 0x7fffffffe000})}});
}

// Lengths that keep every call inside the arena or make it fail: nothing else of the child may be hit.
rc::Gen<Arg> length() {
  return weightedOneOf<Arg>(
      {{22, arena_length()}, {1, literal({-1, -kPage, std::int64_t{1} << 47, std::int64_t{1} << 62})}});
}

rc::Gen<Arg> prot() { return literal({0, 1, 2, 3, 3, 3, 4, 5, 7, 8, 0x10, 0x01000000 | 3, 0x03000000}); }

// MAP_FIXED only in the arena; elsewhere addresses are hints.
rc::Gen<Step> any_mmap() {
  const auto flags =
      literal({0x22, 0x22, 0x21, 0x4022, 0x8022, 0x2022, 0x62, 0x20, 0x23, 0x24, 0x122, 0x121});
  const auto fixed = literal({0x22 | kFixed, 0x22 | kFixed, 0x21 | kFixed, 0x22 | kNoReplace,
                              0x22 | kNoReplace, 0x20 | kFixed, 0x122 | kFixed});
  const auto file_flags = literal({1, 2, 3, 1 | kFixed, 2 | kFixed, 2 | kNoReplace, 0x80003, 0});
  const auto offset = literal({0, 0, 0, kPage, 4 * kPage, 100, -kPage});
  return weightedOneOf<Step>(
      {{2, step(Sys::mmap, address(), length(), prot(), flags, literal({-1}), offset)},
       {5, step(Sys::mmap, arena_address(), length(), prot(), fixed, literal({-1}), offset)},
       {2, step(Sys::mmap, arena_address(), length(), prot(), file_flags, in(Arg::Base::fd), offset)},
       {1, step(Sys::mmap, arena_address(), length(), prot(), file_flags, descriptor(), offset)}});
}

rc::Gen<Step> any_mremap() {
  const auto plain = literal({0, 0, 1, 1, 1, 8, -1});
  const auto to = literal({2, 3, 3, 3, 5, 5, 7, 4, 6});
  return rc::gen::oneOf(step(Sys::mremap, arena_address(), length(), length(), plain, literal({0})),
                        step(Sys::mremap, arena_address(), length(), length(), to, arena_address()));
}

}  // namespace

rc::Gen<Step> memory_step() {
  return weightedOneOf<Step>(
      {{8, any_mmap()},
       {5, step(Sys::munmap, arena_address(), length())},
       {6, any_mremap()},
       {6, step(Sys::mprotect, arena_address(), length(), prot())},
       {2, step(Sys::brk, weightedOneOf<Arg>({{8, in(Arg::Base::brk, {0, 1, 100, kPage, 3 * kPage,
                                                                      3 * kPage + 5, 20 * kPage})},
                                              {1, literal({0, 1})}}))},
       {1, step(Sys::shmat, weightedOneOf<Arg>({{4, in(Arg::Base::segment)}, {1, literal({-1})}}),
                weightedOneOf<Arg>({{3, arena_address()}, {1, literal({0})}}),
                literal({0, 0, 010000, 020000, 040000, 060000}))},
       {1, step(Sys::shmdt, weightedOneOf<Arg>({{3, arena_address()}, {1, in(Arg::Base::last)}}))},
       {2, step(Sys::mlock, arena_address(), length())},
       {1, step(Sys::mlock2, arena_address(), length(), literal({0, 1, 2, -1}))},
       {2, step(Sys::munlock, arena_address(), length())},
       {1, step(Sys::mlockall, literal({0, 1, 2, 3, 4, 5, 6, 7, 8}))},
       {1, step(Sys::munlockall)}});
}

// A byte of a file into a page, which writes to it, or out of it, which reads.
rc::Gen<Step> fault_step() {
  const auto hidden = [](long number) {
    return rc::gen::map(
        step(Sys::other, in(Arg::Base::fd, {kFile}), arena_page(), literal({1}), literal({0})),
        [number](Step s) {
          s.hidden = number;
          return s;
        });
  };
  return rc::gen::oneOf(hidden(SYS_pread64), hidden(SYS_pwrite64));
}

rc::Gen<Step> clone_step() {
  const auto flags = literal({SIGCHLD, SIGCHLD, CLONE_VM | CLONE_VFORK | SIGCHLD, CLONE_VM | SIGCHLD,
                              CLONE_VM | CLONE_FILES | SIGCHLD, CLONE_FILES | SIGCHLD});
  return rc::gen::map(rc::gen::pair(step(Sys::clone, flags), rc::gen::inRange(0, 6)),
                      [](std::pair<Step, int> p) {
                        p.first.children = p.second;
                        return p.first;
                      });
}

}  // namespace ringtail::live
