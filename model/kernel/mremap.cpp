// SPDX-License-Identifier: GPL-2.0-or-later
// mremap: shrink in place, grow in place or by moving, or move to a given place. The kernel looks at the VMA
// of the first page first and wants the whole old range inside it where it grows or moves; only a shrink
// reaches across VMAs. Since 6.17 a plain move (MREMAP_FIXED, equal lengths) takes several VMAs and the gaps
// between them, and the checks of the new address come before those of the old one.
#include <fmt/format.h>

#include "model/kernel/aio_rules.h"
#include "model/kernel/memory.h"

namespace ringtail::kernel::memory {
namespace {

constexpr std::uint64_t kMayMove = 1, kRemapFixed = 2, kDontUnmap = 4;
// What makes neighbours different VMAs when it differs.
constexpr std::uint32_t kVmaBits = kRead | kWrite | kExec | kShared | kFile | kHugetlb | kGrowsDown |
                                   kLocked | kDontFork | kWipeOnFork | kDontDump | kRandom | kSequential;
constexpr Version kManyVmas{6, 17, 0};
constexpr Version kLooksFirst{5, 16, 0};  // before commit 550a7d60bd5e a shrink in place looked at no VMA

constexpr const char* kFunction = "mm/mremap.c mremap";
constexpr Rule kFlags{"mremap.bad-flags", 22, kFunction};
constexpr Rule kNeedsMove{"mremap.fixed-without-maymove", 22, kFunction};
constexpr Rule kNoDontUnmap{"mremap.dontunmap-unknown", 22, "commit e346b3813067", {}, {5, 7, 0}};
constexpr Rule kDontUnmapLen{"mremap.dontunmap-resizes", 22, kFunction, {5, 7, 0}};
constexpr Rule kUnaligned{"mremap.unaligned", 22, kFunction};
constexpr Rule kEmpty{"mremap.no-new-length", 22, kFunction};
constexpr Rule kSilly{
    "mremap.new-length-beyond-task-size", 22, "mm/mremap.c check_mremap_params", {6, 15, 0}};
constexpr Rule kNewAddr{"mremap.new-address", 22, "mm/mremap.c mremap_to"};
constexpr Rule kOverlap{"mremap.ranges-overlap", 22, "mm/mremap.c mremap_to"};
constexpr Rule kNotMapped{"mremap.not-mapped", 14, "mm/mremap.c vma_to_resize"};
constexpr Rule kCrosses{"mremap.crosses-vmas", 14, "mm/mremap.c vma_to_resize"};
constexpr Rule kHuge{"mremap.hugetlb", 22, "mm/mremap.c mremap: is_vm_hugetlb_page"};
constexpr Rule kDriver{"mremap.driver", 22, "mm/vma.c __split_vma: vm_ops->may_split", {4, 15, 0}};
constexpr Rule kMsealed{"mremap.sealed", 1, "mm/mseal.c, commit 8be7258aad44", {6, 10, 0}};
constexpr Rule kPrivateCopy{"mremap.duplicate-private", 22, "mm/mremap.c vma_to_resize", {4, 14, 0}};
constexpr Rule kDontUnmapKind{"mremap.dontunmap-kind", 22, "mm/mremap.c vma_to_resize", {5, 7, 0}};
constexpr Rule kSpecialGrows{"mremap.grow-special", 14,
                             "mm/mremap.c vma_to_resize: VM_DONTEXPAND, VM_PFNMAP"};
constexpr Rule kOffsetWraps{"mremap.offset-wraps", 22, "mm/mremap.c vma_to_resize"};
constexpr Rule kLockLimit{"mremap.lock-limit", 11, "mm/mremap.c vma_to_resize: mlock_future_check"};
constexpr Rule kShrinkRange{"mremap.shrink-range", 22, "mm/mmap.c do_munmap"};
constexpr Rule kMapCount{"mremap.map-count", 12, "mm/mremap.c move_vma"};
constexpr Rule kNoRoom{"mremap.no-room", 12, "mm/mremap.c vma_expandable"};
constexpr Rule kNoMemory{"mremap.no-memory", 12, "mm/mremap.c vma_to_resize, move_vma"};
constexpr Rule kLow{"mremap.below-mmap-min-addr", 1, "mm/mmap.c get_unmapped_area: security_mmap_addr"};
constexpr Rule kOk{"mremap.result", 0, kFunction};
constexpr Rule kInPlace{"mremap.stays-in-place", 0, "mm/mremap.c vma_expandable"};
constexpr Rule kFree{"mremap.address-free", 0, "mm/mmap.c vm_unmapped_area"};
constexpr Rule kInside{"mremap.address-in-task-size", 0, "mm/mmap.c get_unmapped_area"};
constexpr Rule kAligned{"mremap.address-aligned", 0, "mm/mmap.c get_unmapped_area"};

struct Old {
  Tri first = Tri::maybe;    // the first page is mapped
  Tri one_vma = Tri::maybe;  // the whole range lies in one VMA
  PageState state;           // of the first page
};

Old look_at_old(const Step& s, Range r) {
  Old o;
  bool first = true, differs = false;
  if (r.empty()) r.end = r.begin + s.page();
  s.look(r, [&](Range, const PageState& p) {
    if (first) o.state = p, o.first = p.test(kMapped);
    first = false;
    differs = differs || p.test(kMapped) == Tri::no ||
              (o.state.known & p.known & kVmaBits & (o.state.bits ^ p.bits));
  });
  if (differs) o.one_vma = Tri::no;
  else if (r.size() <= s.page() || (s.settled() && s.mm.space.one_vma(r))) o.one_vma = Tri::yes;
  return o;
}

// How far the VMA of `r`, whose state is `state`, may reach.
Range vma_around(const Step& s, Range r, const PageState& state) {
  Range run = r;
  s.mm.space.for_each({0, kTaskSizeLa57}, [&](Range piece, const PageState& p) {
    const bool other = p.test(kMapped) == Tri::no ||
                       (state.known & p.known & kVmaBits & ~std::uint32_t{kLocked} & (state.bits ^ p.bits));
    if (piece.end <= r.begin) run.begin = other ? r.begin : std::min(run.begin, piece.begin);
    else if (!other || piece.intersects(r))
      run = {std::min(run.begin, piece.begin), std::max(run.end, piece.end)};
    return piece.begin < r.end || !other;
  });
  return run;
}

void check_new_address(Step& s, Range old, Range to, bool known) {
  Checks& c = s.checks;
  if (!known) return c.may_fail(kNewAddr);
  const Address len = to.end - to.begin;
  c.fails(kNewAddr, !s.aligned(to.begin) || len > kTaskSizeLa57 || to.begin > kTaskSizeLa57 - len);
  c.fails(kNewAddr, len > kTaskSize || to.begin > kTaskSize - len ? Tri::maybe : Tri::no);
  c.fails(kOverlap, old.end > to.begin && to.end > old.begin);
}

// vma_to_resize: the old range, for all but a plain shrink.
void check_old(Step& s, const Old& o, std::uint64_t old_len, std::uint64_t new_len, std::uint64_t flags,
               bool many) {
  Checks& c = s.checks;
  const Tri special = o.state.test(kSpecial);
  if (!s.profile.from(kLooksFirst)) c.fails(kNotMapped, !o.first);
  if (old_len == 0) c.fails(kPrivateCopy, !o.state.test(kShared));
  if (flags & kDontUnmap) {
    c.fails(kDontUnmapKind, special & Tri::maybe);
    if (!s.profile.from({5, 13, 0})) c.fails(kDontUnmapKind, o.state.test(kFile) | o.state.test(kShared));
  }
  c.fails(kCrosses, old_len == 0 ? Tri::no : many ? ((!o.one_vma) & Tri::maybe) : !o.one_vma);
  if (new_len > old_len) {
    c.fails(kSpecialGrows, special & Tri::maybe);
    if (new_len > kTaskSize) c.may_fail(kOffsetWraps);
    c.fails(kLockLimit, o.state.test(kLocked) & Tri::maybe);
  }
}

// What stood in `old` stands in `to` now, and its last page's state in the rest of it. Where several VMAs
// move, what stood opposite the gaps between them stays.
void move_state(Step& s, Range old, Range to, bool many) {
  std::vector<std::pair<Range, PageState>> pieces;
  s.look(old.empty() ? Range{old.begin, old.begin + s.page()} : old,
         [&](Range r, const PageState& p) { pieces.emplace_back(r, p); });
  Address at = to.begin;
  for (std::size_t i = 0; i < pieces.size() && at < to.end; ++i) {
    PageState p = pieces[i].second;
    const Tri mapped = p.test(kMapped);
    const Address end = i + 1 == pieces.size() ? to.end : std::min(to.end, at + pieces[i].first.size());
    p.set(kMapped, true).forget(kSysV | kPresent | kGrowsDown);
    if (mapped == Tri::yes || !many) {
      s.assign({at, end}, p);
    } else if (mapped == Tri::maybe) {
      s.maybe({at, end}, kReplaces);
      if (i == 0) s.assign({at, at + s.page()}, p);  // the first page was certainly mapped
    }
    at = end;
  }
}

}  // namespace

void judge_mremap(Step& s) {
  if (!s.need(4)) return;
  const Address addr = s.arg(0), new_addr = s.arg(4);
  const std::uint64_t old_len = s.page_up(s.arg(1)), new_len = s.page_up(s.arg(2)), flags = s.arg(3);
  const bool fixed = flags & kRemapFixed, dont_unmap = flags & kDontUnmap, may_move = flags & kMayMove;
  const bool to_given = fixed || dont_unmap;
  if (fixed && !s.need(5)) return;
  Checks& c = s.checks;
  c.fails(kFlags, (flags & ~std::uint64_t{7}) != 0);
  c.fails(kNoDontUnmap, dont_unmap);
  c.fails(kNeedsMove, fixed && !may_move);
  c.fails(kDontUnmapLen, dont_unmap && (!may_move || s.arg(1) != s.arg(2))
                             ? old_len == new_len && may_move ? Tri::maybe : Tri::yes
                             : Tri::no);
  c.fails(kUnaligned, !s.aligned(addr));
  c.fails(kEmpty, new_len == 0);
  c.fails(kSilly, new_len > kTaskSize ? Tri::maybe : Tri::no);
  if (c.decided()) return;

  const Range old{addr, addr + old_len}, to{new_addr, new_addr + new_len};
  const bool address_first = s.profile.from(kManyVmas), in_between = s.profile.from({6, 15, 0});
  const bool many = address_first && fixed && old_len == new_len;
  if (to_given && in_between) {
    if (address_first) check_new_address(s, old, to, s.knows(4));
    else c.may_fail(kNewAddr);
  }
  const bool sane = old.end >= old.begin && old.end <= kTaskSizeLa57;
  const Old o = look_at_old(s, sane ? (old_len > new_len && !to_given ? Range{addr, addr + s.page()} : old)
                                    : Range{addr, addr + s.page()});
  const bool looks_first = s.profile.from(kLooksFirst);
  if (looks_first) c.fails(kNotMapped, !o.first);
  c.fails(kMsealed, s.sealed(o.state.test(kSealed) | (sane && fixed ? s.survey(to).any(kSealed) : Tri::no)) &
                        Tri::maybe);
  c.fails(kHuge, o.state.test(kHugetlb) & Tri::maybe);
  c.fails(kDriver, cuts_whole(s, old) |
                       (old_len > new_len ? cuts_whole(s, {addr + new_len, old.end}) : Tri::no) |
                       (fixed ? cuts_whole(s, to) : Tri::no));
  const Tri crowded = may_exceed_map_count(s);

  bool late = false;
  if (to_given) {
    if (!address_first) check_new_address(s, old, to, s.knows(4));
    c.fails(kMapCount, crowded);
    late = !c.decided();  // from here on the new place may have been cleared
    const std::uint64_t kept = old_len > new_len ? new_len : old_len;
    if (!sane) c.may_fail(kCrosses);
    if (old_len > new_len) {
      c.fails(kShrinkRange, !sane);
      if (old.end > kTaskSize) c.may_fail(kShrinkRange);
    }
    // The tail of a shrinking move is unmapped before the rest is looked at.
    const Old rest = old_len > new_len && sane ? look_at_old(s, {addr, addr + kept}) : o;
    if (fixed && old_len == 0 && to.contains(addr)) c.may_fail(kNotMapped);  // by then it has been cleared
    check_old(s, rest, kept, new_len, flags, many);
    if (fixed && new_addr < 0x10000) c.may_fail(kLow);
    c.may_fail(kNoMemory);
    if (fixed) c.returns(kOk, static_cast<std::int64_t>(new_addr));
    else c.succeeds(kOk);
  } else if (old_len >= new_len) {
    c.fails(kShrinkRange, old_len != new_len && !sane);
    if (old_len != new_len && old.end > kTaskSize) c.may_fail(kShrinkRange);
    if (old_len != new_len) c.fails(kMapCount, crowded);
    if (old_len != new_len && ((addr | new_len | old_len) & (kHugePage - 1)))
      c.fails(kHuge, s.survey(old).any(kHugetlb) & Tri::maybe);
    if (sane) c.fails(kMsealed, s.sealed(s.survey(old).any(kSealed)) & Tri::maybe);
    c.returns(kOk, static_cast<std::int64_t>(addr));
  } else {
    check_old(s, o, old_len, new_len, flags, false);
    const Range more{old.end, addr + new_len};
    const Survey room = more.empty() ? Survey{} : s.survey(more);
    if (!may_move) c.fails(kNoRoom, room.any(kMapped));
    c.may_fail(kNoMemory);
    if (may_move) c.succeeds(kOk);
    else c.returns(kOk, static_cast<std::int64_t>(addr));
    if (s.succeeded() && may_move) {
      const Address at = static_cast<Address>(s.result());
      const auto hex = [](Address a) { return [a] { return fmt::format("{:#x}", a); }; };
      const bool fits_surely = (room.may & kMapped) == 0 && more.end <= kTaskSize && o.one_vma == Tri::yes &&
                               old_len && o.state.test(kSpecial) == Tri::no &&
                               o.state.test(kHugetlb) == Tri::no;
      if (at == addr)
        c.expect(kInPlace, !room.any(kMapped), hex(at),
                 [] { return std::string("another address: what follows is mapped"); });
      else c.expect(kInPlace, fits_surely ? Tri::no : Tri::yes, hex(at), hex(addr));
    }
  }

  if (s.failed()) {
    if (late) {
      s.maybe(to, many ? kReplaces : fixed ? kUnmaps : 0);  // the first of several may have moved
      s.maybe(old, kUnmaps);
      if (many && dont_unmap) {
        s.maybe(vma_around(s, old, o.state), kLocked);
        s.maybe(old, kPresent);
      }
    }
    return;
  }
  if (!s.succeeded() || c.decided()) return;
  const Address at = static_cast<Address>(s.result());
  const Range got{at, at + new_len};
  const auto hex = [at] { return fmt::format("{:#x}", at); };
  c.expect(kAligned, tri(s.aligned(at)), hex,
           [] { return std::string("an address that is a multiple of the page size"); });
  if (at != addr && !fixed)
    c.expect(kFree, !s.any_mapped(got), hex,
             [&] { return fmt::format("an address where {:#x} bytes are free", new_len); });
  c.expect(kInside, tri(got.end >= at && got.end <= kTaskSizeLa57), hex,
           [] { return std::string("an address in the user's part of the address space"); });
  if (!s.aligned(at) || got.end <= at || c.decided()) return;

  if (at == addr) {
    if (new_len < old_len) unmapped(s, {got.end, old.end});
    if (looks_first || new_len > old_len)
      s.change({addr, addr + s.page()}, [](Range, PageState& p) { p.set(kMapped, true); });
    if (new_len > old_len) {
      PageState p = o.state;
      s.assign({old.end, got.end}, p.set(kMapped, true).forget(kPresent | kSysV));
    }
    return;
  }
  const Range kept{addr, addr + std::min(old_len, new_len)};
  aio::ring_moved(s, kept, at);
  move_state(s, kept, got, many);
  if (s.mm.grows && s.survey(got).any(kGrowsDown) != Tri::no) s.grows_from(at);
  if (old_len > new_len) unmapped(s, {addr + new_len, old.end});
  if (dont_unmap) {
    s.maybe(vma_around(s, kept, o.state), kLocked);  // move_vma unlocks the whole VMA
    s.change(kept, [many](Range, PageState& p) {
      if (!many) p.set(kMapped, true);
      if (p.test(kMapped) != Tri::no) p.forget(kPresent | kLocked);
    });
  } else if (old_len) unmapped(s, kept);
}

void mremap_footprint(const World& w, const Task&, const Call& call, Footprint& f) {
  const std::uint64_t page = w.profile.host.page_size;
  const auto up = [page](std::uint64_t v) { return (v + page - 1) & ~(page - 1); };
  for (int i = 0; i < 4; ++i)
    if (!call.arg[static_cast<std::size_t>(i)].known()) return f.add(kEverywhere, kReplaces);
  const Address addr = call.arg[0].value, old_len = up(call.arg[1].value), new_len = up(call.arg[2].value);
  if ((addr & (page - 1)) || !new_len) return;
  const std::uint64_t flags = call.arg[3].value;
  const bool known = call.out.known(), to_given = flags & (kRemapFixed | kDontUnmap);
  if (known && call.out.failed() && !to_given) return;
  f.add({addr, std::max(addr + old_len, addr + new_len)}, known ? kReplaces : kUnmaps);
  if (flags & kDontUnmap) f.add(kEverywhere, kLocked);  // of its VMA, which may reach anywhere
  if (known && !call.out.failed())
    f.add({static_cast<Address>(call.out.value), static_cast<Address>(call.out.value) + new_len}, kReplaces);
  else if (flags & kRemapFixed)
    f.add(call.arg[4].known() ? Range{call.arg[4].value & ~(page - 1), call.arg[4].value + new_len}
                              : kEverywhere,
          kReplaces);
  else if (!known) f.add(kEverywhere, kFills);
}

}  // namespace ringtail::kernel::memory
