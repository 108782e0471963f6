// SPDX-License-Identifier: GPL-2.0-or-later
// mlock, mlock2, munlock, mlockall, munlockall.
//
// RLIMIT_MEMLOCK and CAP_IPC_LOCK decide whether a process may lock, and setrlimit or a dropped capability is
// not in sight of the model, so that the errors which they give are always possible.
#include "model/kernel/memory.h"

namespace ringtail::kernel::memory {
namespace {

constexpr std::uint64_t kOnFault = 1;
constexpr std::uint64_t kCurrent = 1, kFuture = 2, kAllOnFault = 4;

constexpr Rule kNoMlock2{"mlock2.unknown", 38, "commit a8ca5d0ecbdd", {}, {4, 4, 0}};
constexpr Rule kFlags{"mlock2.bad-flags", 22, "mm/mlock.c mlock2", {4, 4, 0}};
constexpr Rule kMayNot{"mlock.may-not", 1, "mm/mlock.c do_mlock: can_do_mlock"};
constexpr Rule kLimit{"mlock.limit", 12, "mm/mlock.c do_mlock: RLIMIT_MEMLOCK"};
constexpr Rule kWraps{"mlock.range-wraps", 22, "mm/mlock.c apply_vma_lock_flags: end < start"};
constexpr Rule kEmpty{"mlock.no-length", 0, "mm/mlock.c apply_vma_lock_flags: end == start"};
constexpr Rule kHole{"mlock.hole", 12, "mm/mlock.c apply_vma_lock_flags"};
constexpr Rule kSplit{"mlock.map-count", 12, "mm/mlock.c mlock_fixup: split_vma"};
constexpr Rule kFault{"mlock.cannot-fault-in", 12, "mm/mlock.c __mlock_posix_error_return: EFAULT"};
constexpr Rule kNoMemory{"mlock.no-memory", 11, "mm/mlock.c __mlock_posix_error_return: ENOMEM"};
constexpr Rule kOk{"mlock.result", 0, "mm/mlock.c do_mlock"};
constexpr Rule kUnlockOk{"munlock.result", 0, "mm/mlock.c munlock"};
constexpr Rule kAllFlags{"mlockall.bad-flags", 22, "mm/mlock.c mlockall"};
constexpr Rule kAllOnlyOnFault{"mlockall.only-onfault", 22, "commit dedca63504a2", {5, 3, 0}};
constexpr Rule kAllMayNot{"mlockall.may-not", 1, "mm/mlock.c mlockall: can_do_mlock"};
constexpr Rule kAllLimit{"mlockall.limit", 12, "mm/mlock.c mlockall: RLIMIT_MEMLOCK"};
constexpr Rule kAllOk{"mlockall.result", 0, "mm/mlock.c mlockall: errors of VMAs are ignored"};
constexpr Rule kUnlockAllOk{"munlockall.result", 0, "mm/mlock.c munlockall"};

// The range as do_mlock rounds it: outwards to whole pages.
Range rounded(const Step& s) {
  const Address start = s.page_down(s.arg(0));
  return {start, start + s.page_up(s.arg(1) + (s.arg(0) - start))};
}

// Walks the range for holes; false when a check was certain.
bool check_range(Step& s, Range r) {
  Checks& c = s.checks;
  c.fails(kWraps, r.end < r.begin);
  if (c.decided()) return false;
  s.look(r, [&](Range, const PageState& p) {
    c.fails(kHole, !p.test(kMapped));
    return !c.decided();
  });
  c.fails(kSplit, may_exceed_map_count(s));
  return !c.decided();
}

}  // namespace

void judge_mlock(Step& s) {
  const bool two = s.call.sys == Sys::mlock2;
  if (!s.need(two ? 3 : 2)) return;
  Checks& c = s.checks;
  const std::uint64_t flags = two ? s.arg(2) & 0xffffffff : 0;
  if (two) {
    c.fails(kNoMlock2, true);
    c.fails(kFlags, (flags & ~kOnFault) != 0);
    if (c.decided()) return;
  }
  const Range r = rounded(s);
  c.may_fail(kMayNot);
  c.may_fail(kLimit);
  if (r.begin == r.end) return c.returns(kEmpty, 0);
  if (check_range(s, r)) {
    c.may_fail(kFault);
    c.may_fail(kNoMemory);
  }
  c.returns(kOk, 0);
  if (r.end < r.begin) return;
  if (s.succeeded()) {
    s.mm.space.may_cut(r);  // VM_LOCKONFAULT is no property of ours
    s.change(r, [&](Range, PageState& p) {
      if (p.test(kMapped) == Tri::no) p = {};
      p.set(kMapped, true);
      p.set(kLocked, !(p.test(kSpecial) | p.test(kHugetlb)));
      ;
      if (!(flags & kOnFault)) p.set(kPresent, p.test(kSpecial) == Tri::no ? Tri::yes : p.test(kPresent));
    });
  } else if (s.failed()) {
    s.maybe(r, kLocked | kPresent);  // up to the hole, or all of it where only the faults failed
  }
}

void judge_munlock(Step& s) {
  if (!s.need(2)) return;
  const Range r = rounded(s);
  if (r.begin == r.end) return s.checks.returns(kEmpty, 0);
  check_range(s, r);
  s.checks.returns(kUnlockOk, 0);
  if (r.end < r.begin) return;
  if (s.succeeded())
    s.change(r, [](Range, PageState& p) {
      if (p.test(kMapped) == Tri::no) p = {};
      p.set(kMapped, true).set(kLocked, false);
    });
  else if (s.failed()) s.maybe(r, kLocked);
}

// What calls that overlap leave of the locks of the whole address space.
struct LockRace {
  bool any = false;     // some call overlaps
  bool future = false;  // one that says what becomes of later mappings, too
  explicit LockRace(const Step& s) {
    s.overlapping([&](const Op& o) {
      any = true;
      future = future || o.sys == Sys::mlockall || o.sys == Sys::munlockall;
    });
  }
};

// f(PageState&) for all that may be mapped. What threads of unknown descent know of theirs may be of this
// address space, or of another.
template <class F>
void lock_everywhere(Step& s, F f) {
  s.mm.space.for_all([&](Range, PageState& p) {
    if (p.test(kMapped) == Tri::no) return;
    if (s.mm.loose && p.owner != s.task.group) p.forget(kLocked);
    else f(p);
  });
}

void judge_mlockall(Step& s) {
  if (!s.need(1)) return;
  Checks& c = s.checks;
  const std::uint64_t flags = s.arg(0) & 0xffffffff;
  const std::uint64_t all = s.profile.from({4, 4, 0}) ? kCurrent | kFuture | kAllOnFault : kCurrent | kFuture;
  c.fails(kAllFlags, flags == 0 || (flags & ~all));
  c.fails(kAllOnlyOnFault, flags == kAllOnFault);
  c.may_fail(kAllMayNot);
  c.may_fail(kAllLimit);
  c.returns(kAllOk, 0);
  if (!s.succeeded()) return;
  const LockRace race(s);
  const bool raced = race.any;
  s.mm.lock_future = race.future || s.mm.loose ? Tri::maybe : tri(flags & kFuture);
  if ((flags & kFuture) && !(flags & kCurrent)) {  // leaves what is mapped as it is
    if (raced) s.mm.space.for_all([](Range, PageState& p) { p.forget(kLocked); });
    return;
  }
  lock_everywhere(s, [&](PageState& p) {
    if (!(flags & kCurrent)) p.set(kLocked, raced ? Tri::maybe : Tri::no);
    else if (raced || p.test(kMapped) != Tri::yes) p.forget(kLocked);
    else p.set(kLocked, !(p.test(kSpecial) | p.test(kHugetlb)));
  });
}

void judge_munlockall(Step& s) {
  s.checks.returns(kUnlockAllOk, 0);
  if (!s.succeeded()) return;
  const LockRace race(s);
  const bool raced = race.any;
  s.mm.lock_future = race.future || s.mm.loose ? Tri::maybe : Tri::no;
  lock_everywhere(s, [&](PageState& p) {
    if (raced) p.forget(kLocked);
    else p.set(kLocked, false);
  });
}

void mlock_footprint(const World& w, const Task&, const Call& call, Footprint& f) {
  const std::uint64_t page = w.profile.host.page_size;
  const std::uint32_t loses = kLocked | kPresent;
  if (!call.arg[0].known() || !call.arg[1].known()) return f.add(kEverywhere, loses);
  const Address start = call.arg[0].value & ~(page - 1);
  f.add({start, (call.arg[0].value + call.arg[1].value + page - 1) & ~(page - 1)}, loses);
}

void mlockall_footprint(const World&, const Task&, const Call& call, Footprint& f) {
  if (!call.out.failed()) f.add(kEverywhere, kLocked | kPresent);
}

}  // namespace ringtail::kernel::memory
