// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/advice.h"

#include <array>

namespace ringtail::kernel {
namespace {

using Id = Advice::Id;
using Needs = Advice::Needs;

constexpr Version kNever = kForever;

// In the order of value. The values are those of every architecture but alpha and parisc.
constexpr Advice kTable[] = {
    {Id::normal, 0, "MADV_NORMAL", {}, Needs::nothing, false, kNever, false, true, "madvise(2)"},
    {Id::random, 1, "MADV_RANDOM", {}, Needs::nothing, false, kNever, false, true, "madvise(2)"},
    {Id::sequential, 2, "MADV_SEQUENTIAL", {}, Needs::nothing, false, kNever, false, true, "madvise(2)"},
    {Id::willneed, 3, "MADV_WILLNEED", {}, Needs::nothing, true, {5, 18, 0}, false, false, "madvise(2)"},
    {Id::dontneed, 4, "MADV_DONTNEED", {}, Needs::nothing, false, kNever, true, false, "madvise(2)"},
    {Id::free, 8, "MADV_FREE", {4, 5, 0}, Needs::nothing, false, kNever, true, false, "commit 854e9ed09ded"},
    {Id::remove, 9, "MADV_REMOVE", {2, 6, 16}, Needs::nothing, false, kNever, true, false, "madvise(2)"},
    {Id::dontfork, 10, "MADV_DONTFORK", {2, 6, 16}, Needs::nothing, false, kNever, true, true, "madvise(2)"},
    {Id::dofork, 11, "MADV_DOFORK", {2, 6, 16}, Needs::nothing, false, kNever, false, true, "madvise(2)"},
    {Id::mergeable, 12, "MADV_MERGEABLE", {2, 6, 32}, Needs::ksm, false, kNever, false, true, "madvise(2)"},
    {Id::unmergeable,
     13,
     "MADV_UNMERGEABLE",
     {2, 6, 32},
     Needs::ksm,
     false,
     kNever,
     false,
     true,
     "madvise(2)"},
    {Id::hugepage, 14, "MADV_HUGEPAGE", {2, 6, 38}, Needs::thp, false, kNever, false, true, "madvise(2)"},
    {Id::nohugepage, 15, "MADV_NOHUGEPAGE", {2, 6, 38}, Needs::thp, false, kNever, false, true, "madvise(2)"},
    {Id::dontdump, 16, "MADV_DONTDUMP", {3, 4, 0}, Needs::nothing, false, kNever, false, true, "madvise(2)"},
    {Id::dodump, 17, "MADV_DODUMP", {3, 4, 0}, Needs::nothing, false, kNever, false, true, "madvise(2)"},
    {Id::wipeonfork,
     18,
     "MADV_WIPEONFORK",
     {4, 14, 0},
     Needs::nothing,
     false,
     kNever,
     true,
     true,
     "madvise(2)"},
    {Id::keeponfork,
     19,
     "MADV_KEEPONFORK",
     {4, 14, 0},
     Needs::nothing,
     false,
     kNever,
     false,
     true,
     "madvise(2)"},
    {Id::cold, 20, "MADV_COLD", {5, 4, 0}, Needs::nothing, true, {5, 10, 0}, false, false, "madvise(2)"},
    {Id::pageout,
     21,
     "MADV_PAGEOUT",
     {5, 4, 0},
     Needs::nothing,
     true,
     {5, 10, 0},
     false,
     false,
     "madvise(2)"},
    {Id::populate_read,
     22,
     "MADV_POPULATE_READ",
     {5, 14, 0},
     Needs::nothing,
     false,
     kNever,
     false,
     false,
     "madvise(2)"},
    {Id::populate_write,
     23,
     "MADV_POPULATE_WRITE",
     {5, 14, 0},
     Needs::nothing,
     false,
     kNever,
     false,
     false,
     "madvise(2)"},
    {Id::dontneed_locked,
     24,
     "MADV_DONTNEED_LOCKED",
     {5, 18, 0},
     Needs::nothing,
     false,
     kNever,
     true,
     false,
     "commit 9457056ac426"},
    {Id::collapse,
     25,
     "MADV_COLLAPSE",
     {6, 1, 0},
     Needs::thp,
     true,
     {6, 1, 0},
     false,
     false,
     "commit 7d8faaf15545"},
    {Id::hwpoison,
     100,
     "MADV_HWPOISON",
     {2, 6, 32},
     Needs::memory_failure,
     false,
     kNever,
     false,
     false,
     "madvise(2)"},
    {Id::soft_offline,
     101,
     "MADV_SOFT_OFFLINE",
     {2, 6, 33},
     Needs::memory_failure,
     false,
     kNever,
     false,
     false,
     "madvise(2)"},
    {Id::guard_install,
     102,
     "MADV_GUARD_INSTALL",
     {6, 13, 0},
     Needs::nothing,
     false,
     kNever,
     true,
     false,
     "commit 662df3e5c376"},
    {Id::guard_remove,
     103,
     "MADV_GUARD_REMOVE",
     {6, 13, 0},
     Needs::nothing,
     false,
     kNever,
     false,
     false,
     "commit 662df3e5c376"},
};

constexpr bool ascending() {
  for (std::size_t i = 1; i < std::size(kTable); ++i)
    if (kTable[i - 1].value >= kTable[i].value) return false;
  return true;
}
static_assert(ascending());

constexpr int kGreatest = 103;

}  // namespace

const Advice* advice_of(std::int32_t value) {
  static const auto by_value = [] {
    std::array<const Advice*, kGreatest + 1> t{};
    for (const Advice& a : kTable) t[static_cast<std::size_t>(a.value)] = &a;
    return t;
  }();
  return value >= 0 && value <= kGreatest ? by_value[static_cast<std::size_t>(value)] : nullptr;
}

Tri offers(const World& w, const Advice& a) {
  if (!w.profile.from(a.since)) return Tri::no;
  if (a.needs == Needs::nothing || w.learned.advice_built[static_cast<std::size_t>(a.needs)]) return Tri::yes;
  return Tri::maybe;
}

std::uint32_t may_change(const Advice& a) {
  switch (a.id) {
    case Id::normal:
    case Id::random:
    case Id::sequential:
      return kRandom | kSequential;
    case Id::willneed:
      return 0;
    case Id::dontneed:
    case Id::dontneed_locked:
    case Id::free:
    case Id::remove:
    case Id::cold:
    case Id::pageout:
    case Id::collapse:
    case Id::populate_read:
    case Id::populate_write:
    case Id::hwpoison:
    case Id::soft_offline:
      return kPresent | kNode;
    case Id::guard_install:
    case Id::guard_remove:
      return kPresent | kNode | kGuards;
    case Id::dontfork:
    case Id::dofork:
      return kDontFork;
    case Id::mergeable:
    case Id::unmergeable:
      return kMergeable | kNode;
    case Id::hugepage:
    case Id::nohugepage:
      return kHugepage | kNoHugepage;
    case Id::dontdump:
    case Id::dodump:
      return kDontDump;
    case Id::wipeonfork:
    case Id::keeponfork:
      return kWipeOnFork;
  }
  return 0;
}

}  // namespace ringtail::kernel
