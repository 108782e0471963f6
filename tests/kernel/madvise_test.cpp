// SPDX-License-Identifier: GPL-2.0-or-later
// madvise: its frame, which VMA takes which advice, and how both changed.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "model/kernel/advice.h"
#include "tests/kernel/row.h"

namespace ringtail::kernel {
namespace {

constexpr int kNormal = 0, kRandomAdvice = 1, kWillneed = 3, kDontneed = 4, kFree = 8, kRemove = 9,
              kDontforkAdvice = 10, kDofork = 11, kMergeableAdvice = 12, kHugepageAdvice = 14,
              kNohugepage = 15, kDontdump = 16, kDodump = 17, kWipeonfork = 18, kKeeponfork = 19, kCold = 20,
              kPageout = 21, kPopulateRead = 22, kPopulateWrite = 23, kDontneedLocked = 24, kCollapse = 25,
              kPoison = 100, kSoftOffline = 101, kGuardInstall = 102, kGuardRemove = 103;
constexpr std::uint64_t P = kPageSize;

Call madvise(Address start, std::uint64_t length, int advice) {
  return call_of(Sys::madvise, {start, length, static_cast<std::uint64_t>(advice)}, 0);
}
Call on_area(int advice, std::uint64_t pages = 4) { return madvise(kArea, pages * P, advice); }

PageState file() { return with(anonymous(), kFile); }
PageState shared_file() { return with(file(), kShared); }
PageState shmem() { return with(shared_file(), kShmem); }
PageState hugetlb() { return with(with(anonymous(), kFile), kHugetlb); }
PageState locked() { return with(anonymous(), kLocked); }
PageState special() { return with(file(), kSpecial); }

// As a filtered recording leaves it: mseal may have been called.
Prepare unseen_seals(PageState s) {
  return [=](Driver& d) {
    area(s)(d);
    d.world.learned.shows_all = false;
  };
}

class Madvise : public RowTest {};

TEST_P(Madvise, AllowsJustThis) { allows_just(GetParam(), {0}); }

const Prepare kAnonymous = area(anonymous());

// An area, a hole of four pages, an area.
Prepare around_hole(PageState first, PageState second) {
  return [=](Driver& d) {
    area(first)(d);
    d.world.find(1)->mm->space.assign({kArea + 8 * P, kArea + 12 * P}, second);
  };
}

INSTANTIATE_TEST_SUITE_P(
    Frame, Madvise,
    testing::ValuesIn(std::vector<Row>{
        {"a plain success", k6_18, kAnonymous, on_area(kNormal), "0"},
        {"unknown advice", k6_18, kAnonymous, on_area(7), "EINVAL"},
        {"negative advice", k6_18, kAnonymous, on_area(-1), "EINVAL"},
        {"advice is an int", k6_18, kAnonymous, call_of(Sys::madvise, {kArea, P, 0x100000000}, 0), "0"},
        {"unknown advice before the address", k6_18, kAnonymous, madvise(kArea + 1, P, 7), "EINVAL"},
        {"unaligned", k6_18, kAnonymous, madvise(kArea + 1, P, kNormal), "EINVAL"},
        {"unaligned of no length", k6_18, kAnonymous, madvise(kArea + 1, 0, kNormal), "EINVAL"},
        {"length 0", k6_18, kAnonymous, madvise(kArea, 0, kNormal), "0"},
        {"length 0 of nothing: a probe for support", k6_18, kAnonymous, madvise(0, 0, kPopulateRead), "0"},
        {"length 0 with advice of a later kernel",
         {5, 13, 0},
         kAnonymous,
         madvise(0, 0, kPopulateRead),
         "EINVAL"},
        {"length that rounds to 0", k6_18, kAnonymous, madvise(kArea, ~0ull, kNormal), "EINVAL"},
        {"a wrapped end", k6_18, kAnonymous, madvise(kArea, ~0ull - kArea, kNormal), "EINVAL"},
        {"length is rounded up", k6_18, kAnonymous, madvise(kArea + 3 * P, P + 1, kNormal), "ENOMEM"},
        {"beyond the user's half", k6_18, kAnonymous, madvise(0xffff800000000000, P, kNormal), "ENOMEM"},
        {"the first page", k6_18, kAnonymous, madvise(0, P, kNormal), "ENOMEM"},
        {"a hole", k6_18, kAnonymous, madvise(kArea + 5 * P, P, kNormal), "ENOMEM"},
        {"a hole before", k6_18, kAnonymous, madvise(kArea - P, 5 * P, kDontneed), "ENOMEM"},
        {"a hole behind", k6_18, kAnonymous, madvise(kArea, 5 * P, kDontneed), "ENOMEM"},
        {"a VMA's error wins over a hole before it", k6_18, around_hole(anonymous(), locked()),
         madvise(kArea - P, 12 * P, kDontneed), "EINVAL"},
        {"and over a hole behind it", k6_18, around_hole(locked(), anonymous()),
         madvise(kArea, 12 * P, kDontneed), "EINVAL"},
        {"unknown memory", k6_18, [](Driver& d) { thread_of(d); }, on_area(kNormal), "0 ENOMEM EINVAL"},
        {"a VMA may be split too often where not all are known", k6_18,
         [](Driver& d) { area(anonymous())(d), d.world.find(1)->mm->whole = false; }, on_area(kDontdump),
         "0 EAGAIN"},
        {"but no split for DONTNEED", k6_18,
         [](Driver& d) { area(anonymous())(d), d.world.find(1)->mm->whole = false; }, on_area(kDontneed),
         "0"},
    }));

INSTANTIATE_TEST_SUITE_P(
    Areas, Madvise,
    testing::ValuesIn(std::vector<Row>{
        {"WILLNEED of a file", k6_18, area(file()), on_area(kWillneed), "0"},
        {"WILLNEED of anonymous memory: CONFIG_SWAP", k6_18, kAnonymous, on_area(kWillneed), "0 EBADF"},
        {"WILLNEED of anonymous memory", {3, 8, 0}, kAnonymous, on_area(kWillneed), "EBADF"},
        {"DONTNEED", k6_18, kAnonymous, on_area(kDontneed), "0"},
        {"DONTNEED of locked memory", k6_18, area(locked()), on_area(kDontneed), "EINVAL"},
        {"DONTNEED_LOCKED of locked memory", k6_18, area(locked()), on_area(kDontneedLocked), "0"},
        {"DONTNEED of hugetlb", {5, 17, 0}, area(hugetlb()), on_area(kDontneed), "EINVAL"},
        {"DONTNEED of hugetlb", k6_1, area(hugetlb()), on_area(kDontneed), "0 EINVAL"},
        {"DONTNEED of part of a huge page", k6_1, area(hugetlb()), madvise(kArea + P, P, kDontneed),
         "EINVAL"},
        {"DONTNEED of a device", k6_18, area(special()), on_area(kDontneed), "0 EINVAL"},
        {"FREE", k6_18, kAnonymous, on_area(kFree), "0"},
        {"FREE of a file", k6_18, area(file()), on_area(kFree), "EINVAL"},
        {"FREE of shared memory", k6_18, area(shmem()), on_area(kFree), "EINVAL"},
        {"FREE of locked memory", k6_18, area(locked()), on_area(kFree), "EINVAL"},
        {"FREE of a file without swap is DONTNEED", {4, 6, 0}, area(file()), on_area(kFree), "0 EINVAL"},
        {"FREE of a file with swap",
         {4, 6, 0},
         [](Driver& d) { area(file())(d), d.world.profile.host.swap_kib = 1024; },
         on_area(kFree),
         "EINVAL"},
        {"REMOVE of shared memory", k6_18, area(shmem()), on_area(kRemove), "0 EPERM"},
        {"REMOVE of locked memory", k6_18, area(with(shmem(), kLocked)), on_area(kRemove), "EINVAL"},
        {"REMOVE without a file", k6_18, kAnonymous, on_area(kRemove), "EINVAL"},
        {"REMOVE of a private file", k6_18, area(file()), on_area(kRemove), "EACCES"},
        {"REMOVE of a file that cannot be written", k6_18,
         area(with(with(shmem(), kWrite, false), kMayWrite, false)), on_area(kRemove), "EACCES"},
        {"REMOVE of a file that could be written", k6_18, area(with(shmem(), kWrite, false)),
         on_area(kRemove), "0 EPERM"},
        {"REMOVE of a file that could be written", k6_1, area(with(shmem(), kWrite, false)), on_area(kRemove),
         "0 EPERM EACCES"},
        {"REMOVE of a file", k6_18, area(shared_file()), on_area(kRemove),
         "0 EPERM EINTR EIO ENOMEM ENODEV EINVAL EOPNOTSUPP"},
        {"REMOVE of a file without punching", {3, 4, 0}, area(shared_file()), on_area(kRemove), "0 ENOSYS"},
        {"DONTFORK of a device", k6_18, area(special()), on_area(kDontforkAdvice), "0"},
        {"DOFORK", k6_18, kAnonymous, on_area(kDofork), "0"},
        {"DOFORK of a device", k6_18, area(special()), on_area(kDofork), "0 EINVAL"},
        {"DODUMP", k6_18, kAnonymous, on_area(kDodump), "0"},
        {"DODUMP of a special mapping", k6_18, area(special()), on_area(kDodump), "EINVAL"},
        {"DODUMP of hugetlb", {4, 18, 0}, area(hugetlb()), on_area(kDodump, 512 * 512), "EINVAL"},
        {"WIPEONFORK", k6_18, kAnonymous, on_area(kWipeonfork), "0"},
        {"WIPEONFORK of a file", k6_18, area(file()), on_area(kWipeonfork), "EINVAL"},
        {"WIPEONFORK of shared memory", k6_18, area(with(anonymous(), kShared)), on_area(kWipeonfork),
         "EINVAL"},
        {"KEEPONFORK of a file", k6_18, area(file()), on_area(kKeeponfork), "0"},
        {"MERGEABLE: CONFIG_KSM", k6_18, kAnonymous, on_area(kMergeableAdvice), "0 EINVAL"},
        {"HUGEPAGE: CONFIG_TRANSPARENT_HUGEPAGE", k6_18, area(shmem()), on_area(kHugepageAdvice), "0 EINVAL"},
        {"HUGEPAGE of shared memory", {4, 5, 0}, area(shmem()), on_area(kHugepageAdvice), "EINVAL"},
        {"COLD of locked memory", k6_18, area(locked()), on_area(kCold), "EINVAL"},
        {"PAGEOUT of hugetlb", k6_18, area(hugetlb()), on_area(kPageout), "EINVAL"},
        {"PAGEOUT of a file", k6_18, area(file()), on_area(kPageout), "0"},
        {"POPULATE_READ", k6_18, kAnonymous, on_area(kPopulateRead), "0 ENOMEM EHWPOISON"},
        {"POPULATE_READ of a file: its end", k6_18, area(file()), on_area(kPopulateRead),
         "0 ENOMEM EFAULT EHWPOISON"},
        {"POPULATE_READ of write-only memory", k6_18, area(with(anonymous(), kRead, false)),
         on_area(kPopulateRead), "EINVAL"},
        {"POPULATE_WRITE of read-only memory", k6_18, area(with(anonymous(), kWrite, false)),
         on_area(kPopulateWrite), "EINVAL"},
        {"POPULATE_WRITE stops at a hole", k6_18, around_hole(anonymous(), with(anonymous(), kWrite, false)),
         madvise(kArea, 12 * P, kPopulateWrite), "ENOMEM EHWPOISON"},
        {"COLLAPSE of less than a huge page", k6_18, area(anonymous(), 1024),
         madvise(kArea + P, 2 * P, kCollapse), "EINVAL"},
        {"COLLAPSE of less than a huge page",
         {7, 2, 0},
         area(anonymous(), 1024),
         madvise(kArea + P, 2 * P, kCollapse),
         "0 EAGAIN ENOMEM EBUSY EINVAL"},
        {"COLLAPSE", k6_18, area(anonymous(), 1024), madvise(kArea, 512 * P, kCollapse),
         "0 EAGAIN ENOMEM EBUSY EINVAL"},
        {"COLLAPSE of NOHUGEPAGE", k6_18, area(with(anonymous(), kNoHugepage), 1024),
         madvise(kArea, 512 * P, kCollapse), "EINVAL"},
        {"GUARD_INSTALL", k6_18, kAnonymous, on_area(kGuardInstall), "0"},
        {"GUARD_INSTALL of a file", {6, 14, 0}, area(file()), on_area(kGuardInstall), "EINVAL"},
        {"GUARD_INSTALL of a file", {6, 15, 0}, area(file()), on_area(kGuardInstall), "0"},
        {"GUARD_INSTALL of locked memory", k6_18, area(locked()), on_area(kGuardInstall), "EINVAL"},
        {"GUARD_REMOVE of locked memory", k6_18, area(locked()), on_area(kGuardRemove), "0"},
        {"GUARD_REMOVE of hugetlb", k6_18, area(hugetlb()), on_area(kGuardRemove), "EINVAL"},
        {"a driver may refuse to cut its mapping", k6_18, area(with(anonymous(), kSpecial)),
         on_area(kRandomAdvice, 2), "0 EINVAL"},
        {"which is left whole", k6_18, area(with(anonymous(), kSpecial)), on_area(kRandomAdvice), "0"},
        {"memory that somebody may have sealed", k6_18, unseen_seals(with(anonymous(), kWrite, false)),
         on_area(kDontneed), "0 EPERM"},
        {"when there were no seals", k6_1, unseen_seals(with(anonymous(), kWrite, false)), on_area(kDontneed),
         "0"},
        {"sealed read-only memory", k6_18, area(with(with(anonymous(), kSealed), kWrite, false)),
         on_area(kDontneed), "EPERM"},
        {"sealed writable memory", k6_18, area(with(anonymous(), kSealed)), on_area(kDontneed), "0"},
        {"sealed memory, no discard", k6_18, area(with(with(anonymous(), kSealed), kWrite, false)),
         on_area(kCold), "0"},
    }));

Prepare caps(std::uint64_t bits) {
  return [=](Driver& d) { area(anonymous())(d), d.world.profile.host.caps = bits; };
}

INSTANTIATE_TEST_SUITE_P(
    Injection, Madvise,
    testing::ValuesIn(std::vector<Row>{
        {"without CAP_SYS_ADMIN", k6_18, caps(0), on_area(kPoison), "EPERM EINVAL"},
        {"the range is checked first", k6_18, caps(0), madvise(kArea + 1, P, kPoison), "EINVAL"},
        {"the range used to be checked never",
         {4, 5, 0},
         caps(0),
         madvise(kArea + 1, P, kPoison),
         "EPERM EINVAL"},
        {"SOFT_OFFLINE before there was one", {2, 6, 32}, caps(0), on_area(kSoftOffline), "EINVAL"},
    }));

// Which advice a kernel has (facts: the table of advice and versions).
TEST(MadviseVersions, AdviceSinceItsKernel) {
  const struct {
    int advice;
    Version before, since;
  } kRows[] = {
      {kFree, {4, 4, 0}, {4, 5, 0}},
      {kMergeableAdvice, {2, 6, 31}, {2, 6, 32}},
      {kHugepageAdvice, {2, 6, 37}, {2, 6, 38}},
      {kNohugepage, {2, 6, 37}, {2, 6, 38}},
      {kDontdump, {3, 3, 0}, {3, 4, 0}},
      {kDodump, {3, 3, 0}, {3, 4, 0}},
      {kWipeonfork, {4, 13, 0}, {4, 14, 0}},
      {kKeeponfork, {4, 13, 0}, {4, 14, 0}},
      {kCold, {5, 3, 0}, {5, 4, 0}},
      {kPageout, {5, 3, 0}, {5, 4, 0}},
      {kPopulateRead, {5, 13, 0}, {5, 14, 0}},
      {kPopulateWrite, {5, 13, 0}, {5, 14, 0}},
      {kDontneedLocked, {5, 17, 0}, {5, 18, 0}},
      {kCollapse, {6, 0, 0}, {6, 1, 0}},
      {kGuardInstall, {6, 12, 0}, {6, 13, 0}},
      {kGuardRemove, {6, 12, 0}, {6, 13, 0}},
      {kPoison, {2, 6, 31}, {2, 6, 32}},
      {kSoftOffline, {2, 6, 32}, {2, 6, 33}},
  };
  for (const auto& r : kRows) {
    EXPECT_EQ(allowed(r.before, kAnonymous, madvise(0, 0, r.advice)), "EINVAL") << r.advice;
    EXPECT_NE(allowed(r.since, kAnonymous, madvise(0, 0, r.advice)).find('0'), std::string::npos) << r.advice;
  }
  for (const int a : {kNormal, kRandomAdvice, 2, kWillneed, kDontneed, kRemove, kDontforkAdvice, kDofork})
    EXPECT_EQ(allowed(kOldest, kAnonymous, madvise(0, 0, a)), "0") << a;
}

// What a result teaches.
TEST(MadviseKnowledge, SuccessMeansThatAllIsMapped) {
  const Prepare s = [](Driver& d) {
    thread_of(d);
    d.run(madvise(kArea, 4 * P, kDontneed));
  };
  EXPECT_EQ(allowed(k6_18, s, on_area(kNormal)), "0 EINVAL") << "a part of a huge page cannot be split off";
  EXPECT_EQ(allowed(k6_18, s, on_area(kKeeponfork)), "0 EINVAL");
}

TEST(MadviseKnowledge, EnomemOfOnePageMeansThatItIsNotMapped) {
  const Prepare s = [](Driver& d) {
    thread_of(d);
    d.run(call_of(Sys::madvise, {kArea, P, kDontneed}, -ENOMEM));
  };
  EXPECT_EQ(allowed(k6_18, s, madvise(kArea, P, kNormal)), "ENOMEM");
}

TEST(MadviseKnowledge, AConfigurationShowsItself) {
  const Prepare s = [](Driver& d) {
    area(anonymous())(d);
    d.run(madvise(0, 0, kMergeableAdvice));
    d.run(on_area(kWillneed));
  };
  EXPECT_EQ(allowed(k6_18, s, on_area(kMergeableAdvice)), "0");
  EXPECT_EQ(allowed(k6_18, s, on_area(kWillneed)), "0");
}

TEST(MadviseKnowledge, AdviceStays) {
  const Prepare s = [](Driver& d) {
    area(anonymous(), 1024)(d);
    d.run(madvise(kArea, 512 * P, kNohugepage));
  };
  EXPECT_EQ(allowed(k6_18, s, madvise(kArea, 512 * P, kCollapse)), "EINVAL");
}

// Overlapping calls: a munmap that is still running may or may not have happened.
TEST(MadviseOverlap, AConcurrentMunmapMakesBothPossible) {
  const auto verdict = [](std::int64_t result) {
    Driver d(k6_18);
    area(anonymous())(d);
    d.run(Sys::clone, {0x10f00}, 2);  // a thread
    d.begin(call_of(Sys::munmap, {kArea, 4 * P}, 0), 2);
    return text_of(d.run(call_of(Sys::madvise, {kArea, 4 * P, kDontneed}, result)));
  };
  EXPECT_EQ(verdict(0), "conforms");
  EXPECT_EQ(verdict(-ENOMEM), "conforms");
  EXPECT_EQ(verdict(-EINVAL), "diverges madvise.done");
}

// The stupid judge: the kernel's walk, page by page, over an address space that is known in full. The model
// must allow just its result; and when knowledge of some pages is taken away, at least its result.
enum class Kind { hole, anonymous, locked, file, shmem };

PageState state_of(Kind k) {
  switch (k) {
    case Kind::hole:
      return PageState::unmapped();
    case Kind::anonymous:
      return anonymous();
    case Kind::locked:
      return locked();
    case Kind::file:
      return file();
    case Kind::shmem:
      return shmem();
  }
  return {};
}

int refuses(Kind k, int advice) {
  switch (advice) {
    case kDontneed:
    case kCold:
    case kPageout:
      return k == Kind::locked ? EINVAL : 0;
    case kFree:
      return k == Kind::anonymous ? 0 : EINVAL;
    case kWipeonfork:
      return k == Kind::anonymous || k == Kind::locked ? 0 : EINVAL;
    case kRemove:
      return k == Kind::file ? EACCES : k == Kind::shmem ? 0 : EINVAL;
    case kGuardInstall:
      return k == Kind::locked ? EINVAL : 0;
    default:
      return 0;
  }
}

int walk(const std::vector<Kind>& pages, std::size_t first, std::size_t count, int advice) {
  int hole = 0;
  for (std::size_t i = first; i < first + count; ++i) {
    if (pages[i] == Kind::hole) hole = ENOMEM;
    else if (const int e = refuses(pages[i], advice)) return e;
  }
  return hole;
}

struct Case {
  std::vector<Kind> pages;
  std::size_t first, count;
  int advice;
};

Case any_case() {
  const auto size = *rc::gen::inRange<std::size_t>(1, 24);
  Case c;
  c.pages = *rc::gen::container<std::vector<Kind>>(
      size,
      rc::gen::element(Kind::hole, Kind::anonymous, Kind::anonymous, Kind::locked, Kind::file, Kind::shmem));
  c.first = *rc::gen::inRange<std::size_t>(0, size);
  c.count = *rc::gen::inRange<std::size_t>(1, size - c.first + 1);
  c.advice = *rc::gen::element(kNormal, kRandomAdvice, kDontneed, kFree, kRemove, kDontforkAdvice, kDontdump,
                               kWipeonfork, kCold, kPageout, kDontneedLocked, kGuardInstall, kGuardRemove);
  return c;
}

Prepare layout(const std::vector<Kind>& pages, const std::vector<std::size_t>& forgotten) {
  return [=](Driver& d) {
    Task& t = thread_of(d);
    for (std::size_t i = 0; i < pages.size(); ++i)
      t.mm->space.assign({kArea + i * P, kArea + (i + 1) * P}, state_of(pages[i]));
    for (const std::size_t i : forgotten) t.mm->space.forget({kArea + i * P, kArea + (i + 1) * P});
  };
}

RC_GTEST_PROP(MadviseWalk, IsThePageByPageWalk, ()) {
  const Case c = any_case();
  const int error = walk(c.pages, c.first, c.count, c.advice);
  const Call call = madvise(kArea + c.first * P, c.count * P, c.advice);
  std::string expected = error ? errno_name(error) : "0";
  // A memfd may be sealed against writing.
  bool removes = c.advice == kRemove;
  for (std::size_t i = c.first; removes && i < c.first + c.count; ++i) {
    if (c.pages[i] == Kind::shmem) {
      expected = error == 0 ? "0 EPERM" : "EPERM " + expected;
      break;
    }
    if (c.pages[i] != Kind::hole && refuses(c.pages[i], kRemove)) break;
  }
  RC_ASSERT(allowed(k6_18, layout(c.pages, {}), call) == expected);
}

RC_GTEST_PROP(MadviseWalk, IsAllowedWhateverIsForgotten, ()) {
  const Case c = any_case();
  const auto forgotten =
      *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, c.pages.size()));
  const int error = walk(c.pages, c.first, c.count, c.advice);
  const Call call = madvise(kArea + c.first * P, c.count * P, c.advice);
  RC_ASSERT(run_in(k6_18, layout(c.pages, forgotten), call, -error).kind == Verdict::Kind::conforms);
}

}  // namespace
}  // namespace ringtail::kernel
