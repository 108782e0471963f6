// SPDX-License-Identifier: GPL-2.0-or-later
// madvise(2): the frame of mm/madvise.c do_madvise; the VMAs' own rules are in advice_areas.cpp.
#include <cerrno>

#include "model/kernel/advice.h"
#include "model/kernel/advice_areas.h"
#include "model/kernel/residence.h"
#include "model/kernel/user_memory.h"

namespace ringtail::kernel {

void judge_process_madvise(Step&);
void footprint_process_madvise(const World&, const Task&, const Call&, Footprint&);

namespace {

using Id = Advice::Id;

constexpr Version kV55{5, 5, 0};

constexpr Rule kNotBuilt{
    "madvise.not-built", ENOSYS, "kernel/sys_ni.c: CONFIG_ADVISE_SYSCALLS, commit d3ac21cacc24", {3, 18, 0}};
constexpr Rule kUnknown{"madvise.unknown-advice", EINVAL, "mm/madvise.c madvise_behavior_valid"};
constexpr Rule kUnaligned{"madvise.unaligned", EINVAL, "mm/madvise.c do_madvise: start"};
constexpr Rule kLength{"madvise.length", EINVAL,
                       "mm/madvise.c do_madvise: len rounded up to 0, or a wrapped end"};
constexpr Rule kHole{"madvise.hole", ENOMEM, "mm/madvise.c madvise_walk_vmas"};
constexpr Rule kInjectPermission{"madvise.inject-permission", EPERM,
                                 "mm/madvise.c madvise_inject_error: CAP_SYS_ADMIN"};
constexpr Rule kInject{"madvise.inject", 0,
                       "mm/madvise.c madvise_inject_error: the errors of get_user_pages and of "
                       "memory_failure or soft_offline_page"};
constexpr Rule kDone{"madvise.done", 0, "mm/madvise.c do_madvise"};

bool injects(const Advice* a) { return a && a->needs == Advice::Needs::memory_failure; }

// MADV_HWPOISON and MADV_SOFT_OFFLINE have no walk: each page is got and then made to fail.
void check_injection(const Step& at, Checks& c, Range r) {
  const Host& host = at.profile.host;
  c.fails(kInjectPermission, host.caps && !(*host.caps >> kCapSysAdmin & 1) ? Tri::yes : Tri::maybe);
  if (r.empty()) return;
  for (const int error : {EFAULT, EHWPOISON, EBUSY, EIO, ENOMEM, EINVAL, ENXIO, EOPNOTSUPP, EAGAIN})
    c.fails_with(kInject, error, Tri::maybe);
}

// EPERM where only one mapping can have been sealed: that one is, and nothing but an execve ends it.
void learn_seal(Step& s, Range r) {
  if (!undisturbed(s, r)) return;
  Range sealed{0, 0};
  int candidates = 0;
  s.look(r, [&](Range piece, const PageState& p) {
    if ((mapped_at(piece, p) & s.sealed(p.test(kSealed)) & (!p.test(kShared)) & !p.test(kWrite)) == Tri::no)
      return;
    ++candidates;
    sealed = piece.intersect(r);
  });
  if (candidates != 1 || (sealed.end - sealed.begin != s.page() && !s.mm.space.one_vma(sealed))) return;
  s.change(sealed, [](Range, PageState& p) {
    p.set(kMapped, true).set(kSealed, true).set(kShared, false).set(kWrite, false);
  });
}

void judge_madvise(Step& s) {
  if (!s.need(3)) return;
  const Address start = s.arg(0);
  const std::uint64_t length = s.arg(1);
  const auto value = static_cast<std::int32_t>(s.arg(2));
  bool& answers = s.world.learned.advise_answers;
  answers = answers || (s.call.out.known() && s.result() != -ENOSYS);
  if (!answers) s.checks.may_fail(kNotBuilt);
  check_range(s, s.checks, start, length, value);
  s.checks.returns(kDone, 0);
  const Advice* a = advice_of(value);
  if (!a) return;
  apply(s, start, length, *a, error_of(s.call.out));
  if (s.result() == -EPERM && a->discards && a->id != Id::remove && !s.checks.decided())
    learn_seal(s, {start, start + s.page_up(length)});
}

// Advice that changes no VMA. One that drops mmap_lock on its way (WILLNEED, REMOVE, POPULATE_*, COLLAPSE;
// the others for userfaultfd) looks the next VMA up anew, at a later address.
Range madvise_looks(const World& w, const Call& call) {
  if (!call.arg[0].known() || !call.arg[1].known() || !call.arg[2].known()) return {};
  const Advice* a = advice_of(static_cast<std::int32_t>(call.arg[2].value));
  const std::uint64_t page = w.profile.host.page_size;
  const Address start = call.arg[0].value, end = (start + call.arg[1].value + page - 1) & ~(page - 1);
  if (!a || a->flags_only || injects(a) || start & (page - 1) || end <= start) return {};
  return {start, end};
}

std::vector<Glance> madvise_saw(const Step& s) {
  const Range r = madvise_looks(s.world, s.call);
  if (r.empty() || !s.call.out.known()) return {};
  if (s.result() == 0) return {{r, true, true}};
  const Advice* a = advice_of(static_cast<std::int32_t>(s.arg(2)));
  switch (a->id) {  // those to which only a hole gives ENOMEM
    case Id::dontneed:
    case Id::dontneed_locked:
    case Id::free:
    case Id::cold:
    case Id::pageout:
    case Id::willneed:
      if (s.result() == -ENOMEM) return {{r, false, false}};
      return {};
    default:
      return {};
  }
}

void footprint_madvise(const World& w, const Task&, const Call& call, Footprint& f) {
  const Advice* a = advice_of(static_cast<std::int32_t>(call.arg[2].value));
  if (!call.arg[2].known()) return f.add(kEverywhere, kReplaces & ~(kMapped | kPolicy));
  if (!a || (call.out.failed() && call.out.value == -EINVAL && !call.arg[0].known())) return;
  if (!call.arg[0].known() || !call.arg[1].known()) return f.add(kEverywhere, may_change(*a));
  const std::uint64_t page = w.profile.host.page_size;
  const Address start = call.arg[0].value, end = (start + call.arg[1].value + page - 1) & ~(page - 1);
  if (start & (page - 1) || end <= start) return;
  const bool moves = a->id == Id::collapse || injects(a);
  f.add(moves ? huge_blocks({start, end}) : Range{start, end}, may_change(*a));
}

}  // namespace

void check_range(const Step& at, Checks& c, Address start, std::uint64_t length, std::int32_t value) {
  const Advice* a = advice_of(value);
  // Error injection used to come before the checks of the range.
  if (injects(a) && !at.profile.from(kV55)) {
    c.fails(kUnknown, !offers(at.world, *a));
    if (c.decided()) return;
    return check_injection(at, c, {start, start + length});
  }
  c.fails(kUnknown, a ? !offers(at.world, *a) : Tri::yes);
  c.fails(kUnaligned, !at.aligned(start));
  const std::uint64_t rounded = at.page_up(length);
  const Address end = start + rounded;
  c.fails(kLength, (length != 0 && rounded == 0) || end < start);
  if (c.decided() || end == start) return;
  if (injects(a)) return check_injection(at, c, {start, end});
  Tri hole = Tri::no;
  at.look({start, end}, [&](Range piece, const PageState& s) {
    const Tri here = mapped_at(piece, s);
    hole = hole | !here;
    check_area(at, c, *a, {start, end}, piece, s, here);
    return !c.decided();
  });
  c.fails(kHole, hole);
}

namespace {

// What a success says of every page of the range, and what the advice leaves behind.
void leave(PageState& s, const Advice& a) {
  switch (a.id) {
    case Id::normal:
      s.set(kRandom, false).set(kSequential, false);
      break;
    case Id::random:
      s.set(kRandom, true).set(kSequential, false);
      break;
    case Id::sequential:
      s.set(kRandom, false).set(kSequential, true);
      break;
    case Id::dontfork:
      s.set(kDontFork, true);
      break;
    case Id::dofork:
      s.set(kDontFork, false);
      break;
    case Id::mergeable:
      s.set(kMergeable, (!s.test(kFile)) & !s.test(kSpecial));  // others ignore it
      s.node = -1;
      break;
    case Id::unmergeable:
      s.set(kMergeable, false);
      s.node = -1;
      break;
    case Id::hugepage:
      s.set(kHugepage, true).set(kNoHugepage, false);
      break;
    case Id::nohugepage:
      s.set(kHugepage, false).set(kNoHugepage, true);
      break;
    case Id::dontdump:
      s.set(kDontDump, true);
      break;
    case Id::dodump:
      s.set(kDontDump, false);
      break;
    case Id::wipeonfork:
      s.set(kWipeOnFork, true).set(kFile, false).set(kShared, false);
      break;
    case Id::keeponfork:
      s.set(kWipeOnFork, false);
      break;
    case Id::guard_install:
      s.set(kGuards, true).forget(kPresent);
      break;
    case Id::guard_remove:
      s.set(kGuards, false);
      break;
    case Id::free:
    case Id::dontneed:
    case Id::cold:
    case Id::pageout:
      s.forget(kPresent);
      if (s.test(kHugetlb) == Tri::no) s.set(kLocked, false);
      break;
    case Id::dontneed_locked:
    case Id::remove:
    case Id::collapse:
    case Id::hwpoison:
    case Id::soft_offline:
      s.forget(kPresent);
      break;
    case Id::populate_write:
      // Its own page, and not the zero page, which POPULATE_READ may map.
      if (s.test(kFile) == Tri::no) s.set(kPresent, true);
      break;
    case Id::willneed:
    case Id::populate_read:
      break;
  }
}

}  // namespace

void apply(Step& at, Address start, std::uint64_t length, const Advice& a, int error) {
  Learned& learned = at.world.learned;
  if (error == 0 && a.needs != Advice::Needs::nothing)
    learned.advice_built[static_cast<std::size_t>(a.needs)] = true;
  const std::uint64_t rounded = at.page_up(length);
  const Range r{start, start + rounded};
  if (!at.aligned(start) || r.empty()) return;
  if (a.id == Id::collapse || injects(&a)) at.maybe(huge_blocks(r), kNode | kPresent);
  if (error == 0 && !injects(&a)) {
    if (a.id == Id::willneed) {
      const Survey v = at.survey(r);
      if (v.every(kMapped) == Tri::yes && v.lacked & kFile) learned.swap_built = true;
    }
    if (a.flags_only) at.mm.space.may_cut(r);
    const bool quiet = undisturbed(at, r);
    at.change(r, [&](Range, PageState& s) {
      if (quiet) s.set(kMapped, true);  // a hole would have been an error
      if (s.test(kMapped) != Tri::no) leave(s, a);
    });
    return;
  }
  if (error == ENOMEM && undisturbed(at, r) && rounded == at.page() && a.id != Id::populate_read &&
      a.id != Id::populate_write && a.id != Id::collapse && !injects(&a))
    return at.unmap(r);
  // Some parts may have been advised before a hole or a refusal, or all beside a hole.
  if (a.flags_only) at.mm.space.may_cut(r);
  at.change(r, [&](Range, PageState& s) {
    if (s.test(kMapped) != Tri::no) blur(s, may_change(a));
  });
}

Handler madvise_handler(Sys sys) {
  if (sys == Sys::madvise) return {judge_madvise, nullptr, footprint_madvise, madvise_looks, madvise_saw};
  if (sys == Sys::process_madvise) return {judge_process_madvise, nullptr, footprint_process_madvise};
  return {};
}

}  // namespace ringtail::kernel
