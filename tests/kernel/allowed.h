// SPDX-License-Identifier: GPL-2.0-or-later
// What the model allows of a call, as text: every candidate result is run in a world of its own, made by
// `setup`.
#pragma once

#include <cerrno>
#include <functional>
#include <string>
#include <vector>

#include "tests/kernel/drive.h"

namespace ringtail::kernel {

using Prepare = std::function<void(Driver&)>;

inline constexpr Version k6_1{6, 1, 0}, k6_18{6, 18, 0};
inline constexpr Address kArea = 0x7f0000000000;  // where tests map things
inline constexpr std::uint64_t kPageSize = 4096;

inline Verdict run_in(Version v, const Prepare& setup, Call call, std::int64_t result) {
  Driver d(v);
  setup(d);
  call.out = {result, Outcome::State::returned};
  return d.run(call);
}

// "0 EINVAL": the results that conform, of success values first and then of every errno that these calls
// know.
inline std::string allowed(Version v, const Prepare& setup, const Call& call,
                           std::vector<std::int64_t> values = {0}) {
  std::string text;
  const auto add = [&](std::int64_t result, const std::string& name) {
    if (run_in(v, setup, call, result).kind == Verdict::Kind::conforms)
      text += (text.empty() ? "" : " ") + name;
  };
  for (const std::int64_t r : values) add(r, std::to_string(r));
  for (const int e : {EPERM, ENOENT, ESRCH, EINTR, EIO, ENXIO, E2BIG, EBADF, EAGAIN, ENOMEM, EACCES, EFAULT,
                      EBUSY, ENODEV, EINVAL, ENOSYS, EOPNOTSUPP, EHWPOISON})
    add(-e, errno_name(e));
  return text;
}

// The rule that a result breaks; empty when it conforms.
inline std::string broken(Version v, const Prepare& setup, const Call& call, std::int64_t result) {
  const Verdict verdict = run_in(v, setup, call, result);
  return verdict.kind == Verdict::Kind::diverges ? std::string(verdict.rule->name) : "";
}

// The program's thread, in an address space whose beginning the capture shows, on a machine without swap.
inline Task& thread_of(Driver& d, std::vector<int> nodes = {0}) {
  d.world.profile.host.nodes = nodes;
  d.world.profile.host.swap_kib = 0;
  d.world.profile.host.caps = ~std::uint64_t{0};
  d.world.learned.advise_answers = true;
  d.world.learned.shows_all = true;
  Task& t = d.world.task(1, 0, 1);
  t.mm->whole = true;
  return t;
}

inline PageState anonymous() {
  PageState s;
  s.set(kMapped, true).set(kRead, true).set(kWrite, true).set(kMayWrite, true);
  for (const Bit b : {kExec, kShared, kFile, kShmem, kHugetlb, kSpecial, kGrowsDown, kLocked, kDontFork,
                      kWipeOnFork, kDontDump, kMergeable, kHugepage, kNoHugepage, kGuards, kSealed, kAioRing})
    s.set(b, false);
  s.policy = VmaPolicies::kDefault;
  return s;
}

inline PageState with(PageState s, Bit b, bool v = true) { return s.set(b, v); }

// An address space that holds `s` for `pages` pages at kArea, unmapped memory around it.
inline Prepare area(PageState s, std::uint64_t pages = 4, std::vector<int> nodes = {0}) {
  return [=](Driver& d) {
    Task& t = thread_of(d, nodes);
    t.mm->space.assign({kArea - 16 * kPageSize, kArea + (pages + 16) * kPageSize}, PageState::unmapped());
    t.mm->space.assign({kArea, kArea + pages * kPageSize}, s);
  };
}

}  // namespace ringtail::kernel
