// SPDX-License-Identifier: GPL-2.0-or-later
// mbind(2): mm/mempolicy.c kernel_mbind, do_mbind.
//
// A policy other than MPOL_DEFAULT wants a range without holes (EFAULT); MPOL_DEFAULT is content with one VMA
// in it. Until 5.5 (f18da660f34c) the end of the range was looked at differently: a hole there was seen only
// when nothing is mapped above it, and MPOL_DEFAULT wanted the start to be mapped.
#include <cerrno>

#include "model/kernel/memory.h"
#include "model/kernel/mempolicy.h"
#include "model/kernel/residence.h"
#include "model/kernel/user_memory.h"

namespace ringtail::kernel {
namespace {

constexpr std::uint32_t kMfStrict = 1, kMfMove = 2, kMfMoveAll = 4;
constexpr Version kModeFirst{2, 6, 26}, kHeadSeen{3, 0, 0}, kHoles{5, 5, 0};

constexpr Rule kFlags{"mbind.flags", EINVAL, "mm/mempolicy.c do_mbind: MPOL_MF_VALID"};
constexpr Rule kMoveAll{"mbind.move-all", EPERM, "mm/mempolicy.c do_mbind: CAP_SYS_NICE"};
constexpr Rule kUnaligned{"mbind.unaligned", EINVAL, "mm/mempolicy.c do_mbind: start"};
constexpr Rule kLength{"mbind.length", EINVAL, "mm/mempolicy.c do_mbind: end < start"};
constexpr Rule kHole{"mbind.hole", EFAULT, "mm/mempolicy.c queue_pages_test_walk"};
constexpr Rule kMisplaced{"mbind.misplaced", EIO, "mm/mempolicy.c queue_pages_range: MPOL_MF_STRICT"};
constexpr Rule kHugeMoves{"mbind.huge-under-migration",
                          EIO,
                          "mm/mempolicy.c queue_pages_pmd: is_pmd_migration_entry; commits d883544515aa, "
                          "1cb5d11a370f",
                          {5, 3, 0},
                          {6, 7, 0}};
constexpr Rule kSplit{"mbind.split", ENOMEM, "mm/mempolicy.c mbind_range: vm.max_map_count"};
constexpr Rule kDriver{"mbind.driver", EINVAL, "mm/mempolicy.c mbind_range: vm_ops->may_split", {4, 15, 0}};
constexpr Rule kDone{"mbind.done", 0, "mm/mempolicy.c do_mbind"};

// Whether the error may have come when some VMAs had the policy already.
constexpr bool may_be_late(std::int64_t result) {
  return result == -EIO || result == -ENOMEM || result == -EINVAL;
}

struct Walk {
  Tri head_hole = Tri::no, tail_hole = Tri::no, middle_hole = Tri::no;
  Tri mapped = Tri::no;     // anything at all
  Tri misplaced = Tri::no;  // a page on a node that is not in the mask
  Tri hole() const { return head_hole | tail_hole | middle_hole; }
};

Walk walk(const Step& s, Range r, const UserMask& mask) {
  Walk w;
  const Learned& learned = s.world.learned;
  const bool single = one_node(s.profile.host, learned);
  if (!single && may_be_migrating(s)) w.misplaced = Tri::maybe;
  s.look(r, [&](Range piece, const PageState& p) {
    const Tri here = mapped_at(piece, p);
    w.mapped = w.mapped | here;
    // A piece in which something may be mapped may have its hole anywhere.
    Tri& where = piece.begin == r.begin ? w.head_hole : piece.end == r.end ? w.tail_hole : w.middle_hole;
    where = where | !here;
    if (here == Tri::maybe)
      w.middle_hole = w.middle_hole | Tri::maybe, w.tail_hole = w.tail_hole | Tri::maybe;
    if (piece.begin == r.begin && piece.end == r.end) w.tail_hole = w.tail_hole | !here;
    const int node = single ? 0 : node_of(s, p);
    Tri off = Tri::maybe;
    if (node >= 0 && mask.known) off = tri(!mask.nodes.has(node));
    const Tri there = p.test(kFile) == Tri::no ? present(s, p) : p.test(kPresent) & Tri::maybe;
    w.misplaced = w.misplaced | (here & there & off);
  });
  return w;
}

void check_walk(Step& s, Mode mode, std::uint32_t flags, const Walk& w) {
  Checks& c = s.checks;
  const bool new_holes = s.profile.from(kHoles), seen = s.profile.from(kHeadSeen);
  if (mode.mode == MPOL_DEFAULT) {
    if (new_holes) return c.fails(kHole, !w.mapped);
    c.fails(kHole, w.head_hole & (seen ? Tri::yes : Tri::maybe));
    return c.fails(kHole, !w.mapped);
  }
  const bool strict = flags & kMfStrict, moves = flags & (kMfMove | kMfMoveAll);
  if (strict) c.fails(kMisplaced, w.misplaced & (moves || w.hole() != Tri::no ? Tri::maybe : Tri::yes));
  if (new_holes) return c.fails(kHole, w.hole());
  c.fails(kHole, w.middle_hole | (w.tail_hole & Tri::maybe) | (w.head_hole & (seen ? Tri::yes : Tri::maybe)));
}

void judge_mbind(Step& s) {
  if (!s.knows(0) || !s.knows(1) || !s.knows(2) || !s.knows(5))
    return s.checks.not_judged(reason::kArguments);
  Checks& c = s.checks;
  age(s);
  check_numa(s);
  const Address start = s.arg(0);
  const auto flags = static_cast<std::uint32_t>(s.arg(5));
  const UserMask mask = read_mask(s, s.call.arg[3], s.call.arg[4], s.call.mask);
  if (!s.profile.from(kModeFirst)) check_mask(c, mask);
  const Mode mode = check_mode(s, s.arg(2));
  check_mask(c, mask);
  c.fails(kFlags, (flags & ~(kMfStrict | kMfMove | kMfMoveAll)) != 0);
  const Host& host = s.profile.host;
  const bool no_nice = host.caps && !(*host.caps >> kCapSysNice & 1);
  c.fails(kMoveAll, flags & kMfMoveAll ? (no_nice ? Tri::yes : Tri::maybe) : Tri::no);
  c.fails(kUnaligned, !s.aligned(start));
  const Address end = start + s.page_up(s.arg(1));
  c.fails(kLength, end < start);
  if (c.decided()) return;
  const Range r{start, end};
  if (r.empty()) return c.returns(kDone, 0);
  check_policy(s, mode, mask);
  if (!c.decided()) check_walk(s, mode, flags, walk(s, r, mask));
  // Of a huge page that is on its way, whatever the flags say of those that cannot be moved.
  const bool moving = may_be_migrating(s) || host.migrates != Migrates::no;
  c.fails(kHugeMoves, flags && moving && may_hold_huge(s, r) ? Tri::maybe : Tri::no);
  if (!s.mm.whole || s.mm.space.vma_bound() + 1 >= 65530) c.may_fail(kSplit);
  const Tri uncut = memory::cuts_whole(s, r);
  c.fails(kDriver, uncut);
  c.returns(kDone, 0);

  const bool late = may_be_late(s.result()) && (s.result() != -EINVAL || uncut != Tri::no);
  if (s.failed() && !late) return;
  const bool moves = flags & (kMfMove | kMfMoveAll);
  s.mm.space.may_cut(r);
  if (!s.succeeded()) {
    s.change(r, [&](Range, PageState& p) {
      if (p.test(kMapped) == Tri::no) return;
      p.policy = VmaPolicies::kUnknown;
    });
    if (moves) s.maybe(huge_blocks(r), kNode);
    return;
  }
  learn(s, mode, mask);
  const auto policy = policy_of(s, mode, mask);
  const std::uint16_t id = policy ? s.mm.policies.id_of(*policy) : VmaPolicies::kUnknown;
  const bool quiet = undisturbed(s, r);
  s.change(r, [&](Range, PageState& p) {
    if (quiet && mode.mode != MPOL_DEFAULT && s.profile.from(kHoles)) p.set(kMapped, true);
    if (p.test(kMapped) == Tri::no) return;
    // tmpfs keeps the policy with the file, for all who map it.
    p.policy = p.test(kFile) == Tri::no ? id : VmaPolicies::kUnknown;
  });
  if (moves) s.maybe(huge_blocks(r), kNode);
}

Range range_of(const World& w, const Call& call) {
  if (!call.arg[0].known() || !call.arg[1].known()) return {};
  const std::uint64_t page = w.profile.host.page_size;
  const Address start = call.arg[0].value, end = (start + call.arg[1].value + page - 1) & ~(page - 1);
  return start & (page - 1) ? Range{} : Range{start, end};
}

void mbind_footprint(const World& w, const Task&, const Call& call, Footprint& f) {
  if (call.out.failed() && !may_be_late(call.out.value)) return;
  if (!call.arg[0].known() || !call.arg[1].known()) return f.add(kEverywhere, kPolicy | kNode | kPresent);
  const Range r = range_of(w, call);
  if (r.empty()) return;
  f.add(r, kPolicy);
  f.add(huge_blocks(r), kNode | kPresent);
}

// The range is walked, and given its policy, in one critical section of mmap_lock (do_mbind). A mask that the
// recorder could read was no EFAULT.
std::vector<Glance> mbind_saw(const Step& s) {
  const Range r = range_of(s.world, s.call);
  const bool all = s.knows(2) && (s.arg(2) & 0xfff) != MPOL_DEFAULT && s.profile.from(kHoles);
  if (r.empty() || !all || !s.call.out.known()) return {};
  if (s.result() == 0) return {{r, true, false}};
  if (s.result() == -EFAULT && s.call.mask.complete()) return {{r, false, false}};
  return {};
}

}  // namespace

Handler mbind_handler() { return {judge_mbind, nullptr, mbind_footprint, range_of, mbind_saw}; }

}  // namespace ringtail::kernel
