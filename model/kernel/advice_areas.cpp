// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/advice_areas.h"

#include <cerrno>

#include "model/kernel/memory.h"

namespace ringtail::kernel {
namespace {

using Id = Advice::Id;

constexpr Version kV39{3, 9, 0}, kV45{4, 5, 0}, kV48{4, 8, 0}, kV412{4, 12, 0}, kV518{5, 18, 0},
    kV67{6, 7, 0};

constexpr Rule kRefusesSealed{
    "madvise.sealed", EPERM, "mm/madvise.c can_modify_vma_madv, commit 8be7258aad44", {6, 10, 0}};

constexpr Rule kSplit{"madvise.split", EAGAIN,
                      "mm/madvise.c madvise_vma_behavior: ENOMEM of a split is EAGAIN"};
constexpr Rule kSplitWhole{"madvise.split-whole", EINVAL,
                           "mm/vma.c __split_vma: inside a page of hugetlb, vm_ops->may_split"};

// WILLNEED
constexpr Rule kWillneedAnonymous{
    "madvise.willneed-no-file", EBADF, "mm/madvise.c madvise_willneed, commit 1998cc048901", {}, kV39};
constexpr Rule kWillneedNoSwap{"madvise.willneed-no-swap", EBADF,
                               "mm/madvise.c madvise_willneed: without CONFIG_SWAP", kV39};

// DONTNEED, DONTNEED_LOCKED, FREE, COLD, PAGEOUT
constexpr Rule kRefusesLocked{"madvise.locked", EINVAL, "mm/madvise.c: VM_LOCKED pages are not given up"};
constexpr Rule kPfnmap{"madvise.pfnmap", EINVAL, "mm/madvise.c: VM_PFNMAP has no pages to give up"};
constexpr Rule kRefusesHugetlb{"madvise.hugetlb", EINVAL, "mm/madvise.c: VM_HUGETLB"};
constexpr Rule kHugetlbUnaligned{"madvise.hugetlb-unaligned", EINVAL,
                                 "mm/madvise.c madvise_dontneed_free_valid_vma, commit 90e7e7f5ef3f", kV518};
constexpr Rule kFreeNotAnonymous{"madvise.free-not-anonymous", EINVAL, "mm/madvise.c madvise_free_single_vma",
                                 kV45};

// REMOVE
constexpr Rule kRemoveNoFile{"madvise.remove-no-file", EINVAL, "mm/madvise.c madvise_remove"};
constexpr Rule kRemoveNotWritable{"madvise.remove-not-shared-writable", EACCES,
                                  "mm/madvise.c madvise_remove"};
constexpr Rule kRemoveNoMethod{
    "madvise.remove-no-method", ENOSYS, "mm/truncate.c vmtruncate_range", {}, {3, 5, 0}};
constexpr Rule kRemoveSealed{"madvise.remove-memfd-sealed", EPERM, "mm/shmem.c shmem_fallocate", {3, 17, 0}};
constexpr Rule kRemovePunch{
    "madvise.remove-punch", 0, "fs/open.c vfs_fallocate(FALLOC_FL_PUNCH_HOLE)", {3, 5, 0}};

// Flags
constexpr Rule kDoforkDevice{"madvise.dofork-device", EINVAL, "mm/madvise.c: VM_IO"};
constexpr Rule kWipeNotAnonymous{"madvise.wipeonfork-not-anonymous", EINVAL,
                                 "mm/madvise.c, commit d2cd9ede6e19"};
constexpr Rule kKeepDroppable{
    "madvise.keeponfork-droppable", EINVAL, "mm/madvise.c, commit 9651fcedf7b9", {6, 11, 0}};
constexpr Rule kDodumpSpecial{"madvise.dodump-special", EINVAL, "mm/madvise.c: VM_SPECIAL", {3, 7, 0}};
constexpr Rule kDodumpHugetlb{
    "madvise.dodump-hugetlb", EINVAL, "mm/madvise.c, until commit d41aa5252394", {3, 7, 0}, {4, 19, 0}};
constexpr Rule kDodumpDroppable{
    "madvise.dodump-droppable", EINVAL, "mm/madvise.c, commit 9651fcedf7b9", {6, 11, 0}};
constexpr Rule kHugepageExcluded{
    "madvise.hugepage-excluded", EINVAL, "mm/huge_memory.c hugepage_madvise: VM_NO_THP", {}, kV48};
constexpr Rule kHugepageTwice{
    "madvise.hugepage-twice", EINVAL, "mm/huge_memory.c hugepage_madvise", {}, kV45};

// POPULATE_READ, POPULATE_WRITE
constexpr Rule kPopulateForbidden{
    "madvise.populate-forbidden", EINVAL, "mm/gup.c check_vma_flags", {5, 14, 0}};
constexpr Rule kPopulateHole{"madvise.populate-hole", ENOMEM,
                             "mm/madvise.c madvise_populate: faultin_page_range"};
constexpr Rule kPopulateFault{"madvise.populate-fault", EFAULT, "mm/gup.c: SIGBUS or SIGSEGV of the fault"};
constexpr Rule kPopulatePoisoned{"madvise.populate-poisoned", EHWPOISON, "mm/gup.c: FOLL_HWPOISON"};
constexpr Rule kPopulateShortage{"madvise.populate-shortage", ENOMEM, "mm/gup.c: VM_FAULT_OOM"};

// COLLAPSE
constexpr Rule kCollapseUnfit{"madvise.collapse-unfit", EINVAL, "mm/khugepaged.c madvise_collapse"};
// 6.18 has it and 7.2 has not; between them nobody has looked, and either is allowed.
constexpr Rule kCollapseSmall{"madvise.collapse-small",
                              EINVAL,
                              "mm/khugepaged.c madvise_collapse: hend - hstart wraps",
                              {},
                              {6, 19, 0}};
constexpr Rule kCollapseBusy{"madvise.collapse-busy", EBUSY, "mm/khugepaged.c madvise_collapse_errno"};
constexpr Rule kCollapseMemory{"madvise.collapse-memory", ENOMEM, "mm/khugepaged.c madvise_collapse_errno"};
constexpr Rule kCollapseAgain{"madvise.collapse-again", EAGAIN, "mm/khugepaged.c madvise_collapse_errno"};

// GUARD_INSTALL, GUARD_REMOVE
constexpr Rule kGuardSpecial{"madvise.guard-special", EINVAL,
                             "mm/madvise.c is_valid_guard_vma: VM_SPECIAL, VM_HUGETLB"};
constexpr Rule kGuardLocked{"madvise.guard-locked", EINVAL, "mm/madvise.c is_valid_guard_vma"};
constexpr Rule kGuardFile{
    "madvise.guard-file", EINVAL, "mm/madvise.c is_valid_guard_vma", {6, 13, 0}, {6, 15, 0}};

constexpr Address kHugePage = memory::kHugePage;

// vma_is_anonymous(): no vm_ops. A private mapping of /dev/zero has none although it has a file, and a
// device's is not known to be one.
Tri not_anonymous(const PageState& a) {
  const Tri file = a.test(kFile);
  return file == Tri::yes && a.test(kSpecial) != Tri::no ? Tri::maybe : file;
}

// VM_PFNMAP, when all that is known is that the VMA is special in one way or another.
Tri perhaps(Tri special) { return special & Tri::maybe; }

// Droppable mappings (6.11) are wiped on fork and not dumped, each by a flag that advice can set too.
Tri droppable(const PageState& a) { return a.test(kWipeOnFork) & a.test(kDontDump) & Tri::maybe; }

void check_discard(const Step& at, Checks& c, const Advice& a, Range range, Range piece, const PageState& s,
                   Tri here) {
  const bool new_hugetlb = at.profile.from(kV518) && (a.id == Id::dontneed || a.id == Id::dontneed_locked);
  const Tri hugetlb = here & s.test(kHugetlb);
  if (new_hugetlb) {
    const bool unaligned = piece.begin == range.begin && piece.begin & (kHugePage - 1);
    c.fails(kHugetlbUnaligned, hugetlb & (unaligned ? Tri::yes : Tri::maybe));
  } else {
    c.fails(kRefusesHugetlb, hugetlb);
  }
  const Tri normal = new_hugetlb ? here & !s.test(kHugetlb) : here;
  if (a.id != Id::dontneed_locked) c.fails(kRefusesLocked, normal & s.test(kLocked));
  c.fails(kPfnmap, normal & perhaps(s.test(kSpecial)));
  if (a.id == Id::free) {
    // Until 4.12 a kernel without free swap took it for DONTNEED, of files too.
    const bool as_dontneed = !at.profile.from(kV412) && at.profile.host.swap_kib.value_or(0) == 0;
    c.fails(kFreeNotAnonymous, here & not_anonymous(s) & (as_dontneed ? Tri::maybe : Tri::yes));
  }
}

void check_remove(const Step& at, Checks& c, const PageState& s, Tri here) {
  c.fails(kRefusesLocked, here & s.test(kLocked));
  if (!at.profile.from({4, 3, 0})) c.fails(kRefusesHugetlb, here & s.test(kHugetlb));
  c.fails(kRemoveNoFile, here & !s.test(kFile));
  // VM_WRITE until 6.7 (and stable kernels that took e8e17ee90eaf), VM_MAYWRITE from then on.
  const Tri writable = at.profile.from(kV67) ? s.test(kMayWrite) | s.test(kWrite)
                                             : s.test(kWrite) | (s.test(kMayWrite) & Tri::maybe);
  c.fails(kRemoveNotWritable, here & !(s.test(kShared) & writable));
  const Tri shmem = s.test(kShmem) | s.test(kHugetlb);
  c.fails(kRemoveNoMethod, here & (!shmem) & Tri::maybe);
  c.fails(kRemoveSealed, here & shmem & Tri::maybe);
  for (const int error :
       {EOPNOTSUPP, EPERM, ETXTBSY, ENODEV, EFBIG, EIO, ENOSPC, EROFS, ENOMEM, EINTR, EINVAL})
    c.fails_with(kRemovePunch, error, here & (!shmem) & Tri::maybe);
}

void check_populate(const Step& at, Checks& c, const Advice& a, const PageState& s, Tri here) {
  // Since 6.9, and in stable kernels that took the change, a hole ends the walk.
  c.fails(kPopulateHole, (!here) & (at.profile.from({6, 9, 0}) ? Tri::yes : Tri::maybe));
  const Tri permitted = a.id == Id::populate_write ? s.test(kWrite) : s.test(kRead);
  c.fails(kPopulateForbidden, here & ((!permitted) | perhaps(s.test(kSpecial))));
  const Tri keyed = tri(permitted == Tri::maybe);  // perhaps: its protection key forbids it
  c.fails(kPopulateFault, here & (s.test(kFile) | s.test(kGuards) | s.test(kHugetlb) | keyed) & Tri::maybe);
  c.fails(kPopulatePoisoned, here & Tri::maybe);
  c.fails(kPopulateShortage, here & Tri::maybe);
}

void check_collapse(Checks& c, Range range, const PageState& s, Tri here) {
  const Address first = (range.begin + kHugePage - 1) & ~(kHugePage - 1), last = range.end & ~(kHugePage - 1);
  const Tri unfit = s.test(kHugetlb) | s.test(kSpecial) | s.test(kNoHugepage);
  c.fails(kCollapseSmall, here & tri(first > last));
  c.fails(kCollapseUnfit, here & (unfit | Tri::maybe));
  c.fails(kCollapseBusy, here & Tri::maybe);
  c.fails(kCollapseMemory, here & Tri::maybe);
  c.fails(kCollapseAgain, here & Tri::maybe);
}

void check_guard(Checks& c, const Advice& a, const PageState& s, Tri here) {
  c.fails(kGuardSpecial, here & (s.test(kSpecial) | s.test(kHugetlb)));
  if (a.id == Id::guard_install) c.fails(kGuardLocked, here & s.test(kLocked));
  c.fails(kGuardFile, here & (not_anonymous(s) | !s.test(kMayWrite)));
}

}  // namespace

void check_area(const Step& at, Checks& c, const Advice& a, Range range, Range piece, const PageState& s,
                Tri here) {
  if (a.discards)
    c.fails(kRefusesSealed, here & at.sealed(s.test(kSealed)) & (!s.test(kShared)) & !s.test(kWrite));
  switch (a.id) {
    case Id::normal:
    case Id::random:
    case Id::sequential:
    case Id::dontfork:
    case Id::dontdump:
    case Id::mergeable:
    case Id::unmergeable:
    case Id::hwpoison:
    case Id::soft_offline:
      break;
    case Id::willneed:
      c.fails(kWillneedAnonymous, here & !s.test(kFile));
      c.fails(kWillneedNoSwap, here & (!s.test(kFile)) & !(tri(at.world.learned.swap_built) | Tri::maybe));
      break;
    case Id::dontneed:
    case Id::dontneed_locked:
    case Id::free:
      check_discard(at, c, a, range, piece, s, here);
      break;
    case Id::remove:
      check_remove(at, c, s, here);
      break;
    case Id::dofork:
      c.fails(kDoforkDevice, here & perhaps(s.test(kSpecial)));
      break;
    case Id::hugepage:
    case Id::nohugepage: {
      c.fails(kHugepageExcluded, here & (s.test(kSpecial) | s.test(kHugetlb) | s.test(kShared)));
      c.fails(kHugepageTwice, here & s.test(a.id == Id::hugepage ? kHugepage : kNoHugepage) & Tri::maybe);
      break;
    }
    case Id::dodump:
      c.fails(kDodumpSpecial, here & s.test(kSpecial) & !s.test(kHugetlb));
      c.fails(kDodumpHugetlb, here & s.test(kHugetlb));
      c.fails(kDodumpDroppable, here & droppable(s));
      break;
    case Id::wipeonfork:
      c.fails(kWipeNotAnonymous, here & (s.test(kFile) | s.test(kShared)));
      break;
    case Id::keeponfork:
      c.fails(kKeepDroppable, here & droppable(s));
      break;
    case Id::cold:
    case Id::pageout:
      c.fails(kRefusesLocked, here & s.test(kLocked));
      c.fails(kPfnmap, here & perhaps(s.test(kSpecial)));
      c.fails(kRefusesHugetlb, here & s.test(kHugetlb));
      break;
    case Id::populate_read:
    case Id::populate_write:
      check_populate(at, c, a, s, here);
      break;
    case Id::collapse:
      check_collapse(c, range, s, here);
      break;
    case Id::guard_install:
    case Id::guard_remove:
      check_guard(c, a, s, here);
      break;
  }
  // A flag that covers part of a VMA splits it; the limit is a setting (vm.max_map_count), 65530 unless
  // changed.
  const bool at_end = piece.begin == range.begin || piece.end == range.end;
  if (a.flags_only && at_end && (s.test(kSpecial) | s.test(kHugetlb)) != Tri::no)
    c.fails(kSplitWhole, here & memory::cuts_whole(at, range));
  if (a.flags_only && (!at.mm.whole || at.mm.space.vma_bound() + 1 >= 65530))
    c.fails(kSplit, here & Tri::maybe);
}

}  // namespace ringtail::kernel
