// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/mempolicy.h"

#include <algorithm>
#include <bit>
#include <cerrno>

#include "model/kernel/user_memory.h"

namespace ringtail::kernel {
namespace {

constexpr Version kFlagsSince{2, 6, 26}, kLocalSince{3, 8, 0}, kBalancingSince{5, 12, 0}, kIntMode{5, 14, 0},
    kRealLocal{5, 14, 0}, kManySince{5, 15, 0}, kWeightedSince{6, 9, 0}, kManyBalancing{6, 10, 0};

constexpr Rule kModeUnknown{"mempolicy.mode", EINVAL, "mm/mempolicy.c sanitize_mpol_flags: MPOL_MAX"};
constexpr Rule kModeFlags{
    "mempolicy.mode-flags", EINVAL,
    "mm/mempolicy.c sanitize_mpol_flags: MPOL_F_STATIC_NODES with MPOL_F_RELATIVE_NODES"};
constexpr Rule kModeBalancing{
    "mempolicy.mode-balancing", EINVAL,
    "mm/mempolicy.c sanitize_mpol_flags: MPOL_F_NUMA_BALANCING, commit bda420b98505", kBalancingSince};
constexpr Rule kMaskLong{"mempolicy.mask-too-long", EINVAL, "mm/mempolicy.c get_nodes"};
constexpr Rule kMaskFault{"mempolicy.mask-fault", EFAULT, "mm/mempolicy.c get_nodes"};
constexpr Rule kMaskBits{"mempolicy.mask-bits", EINVAL, "mm/mempolicy.c get_nodes: beyond MAX_NUMNODES"};
constexpr Rule kMaskNotEmpty{"mempolicy.mask-not-empty", EINVAL,
                             "mm/mempolicy.c mpol_new: MPOL_DEFAULT, MPOL_LOCAL"};
constexpr Rule kMaskEmpty{"mempolicy.mask-empty", EINVAL, "mm/mempolicy.c mpol_new"};
constexpr Rule kLocalFlags{"mempolicy.local-flags", EINVAL,
                           "mm/mempolicy.c mpol_new: no nodes to be static or relative"};
constexpr Rule kNoNode{"mempolicy.no-node", EINVAL,
                       "mm/mempolicy.c mpol_set_nodemask: no node that may be used"};
constexpr Rule kNodeOffline{
    "mempolicy.node-offline", EINVAL, "mm/mempolicy.c mpol_check_policy", {}, kFlagsSince};

constexpr Rule kNotBuilt{"numa.not-built", ENOSYS, "kernel/sys_ni.c: CONFIG_NUMA, CONFIG_MIGRATION"};
constexpr Rule kFiltered{"numa.filtered", EPERM, "seccomp(2): the default filter of container runtimes"};

// Which modes there are, by version.
int modes(Version v) {
  if (v >= kWeightedSince) return MPOL_WEIGHTED_INTERLEAVE;
  if (v >= kManySince) return MPOL_PREFERRED_MANY;
  if (v >= kLocalSince) return MPOL_LOCAL;
  return MPOL_INTERLEAVE;
}

// Whether some, or none, of the nodes can be used: allowed by the cpuset, and with memory.
Tri usable(const Step& s, const NodeSet& nodes) {
  const Learned& learned = s.world.learned;
  Tri any = Tri::no;
  for (int n = nodes.first(); n >= 0 && n <= nodes.last(); ++n) {
    if (!nodes.has(n)) continue;
    const Tri memory = has_memory(s.profile.host, learned, n);
    const bool allowed = learned.allowed.has(n) || one_node(s.profile.host, learned);
    any = any | (memory & (allowed ? Tri::yes : Tri::maybe));
  }
  return any;
}

}  // namespace

void check_numa(Step& s) {
  bool& answers = s.world.learned.numa_answers;
  if (s.call.out.known() && s.result() != -ENOSYS && s.result() != -EPERM) answers = true;
  if (answers) return;
  const Host& host = s.profile.host;
  if (!host.nodes || host.nodes->size() == 1) s.checks.may_fail(kNotBuilt);
  if (!host.caps || !(*host.caps >> kCapSysNice & 1)) s.checks.may_fail(kFiltered);
}

UserMask read_mask(const Step& s, const Word& pointer, const Word& maxnode,
                   const List<std::uint64_t>& words) {
  UserMask m;
  const bool null = pointer.known() && pointer.value == 0;
  const bool pointed = words.state != List<std::uint64_t>::State::absent || (pointer.known() && !null);
  if (null && !pointed) {
    m.known = true;
    return m;
  }
  if (!maxnode.known()) {
    m.too_long = m.unreadable = m.unknown_bits = Tri::maybe;
    return m;
  }
  const std::uint64_t bits = maxnode.value - 1;
  if (bits == 0) {
    m.known = true;
    return m;
  }
  if (bits > s.page() * 8) {
    m.too_long = Tri::yes;
    return m;
  }
  const std::uint64_t count = (bits + 63) / 64;
  m.unreadable = array_faults(s, pointer, words, count, 8);
  m.known = words.complete() && words.items.size() >= count;
  // The kernel takes whole words from user memory and drops the bits of the last beyond maxnode.
  int last = -1;
  for (std::size_t i = 0; i < words.items.size() && i < count; ++i) {
    std::uint64_t w = words.items[i];
    if (i == count - 1 && bits % 64) w &= (std::uint64_t{1} << bits % 64) - 1;
    if (w) last = static_cast<int>(i) * 64 + 63 - std::countl_zero(w);
    if (i < NodeSet::kMost / 64) m.nodes.set_word(static_cast<int>(i), w);
  }
  if (last >= NodeSet::kMost) m.unknown_bits = Tri::yes;
  else if (last >= std::max(64, s.world.learned.mask_bits) || !m.known) m.unknown_bits = Tri::maybe;
  return m;
}

void check_mask(Checks& c, const UserMask& m) {
  c.fails(kMaskLong, m.too_long);
  c.fails(kMaskFault, m.unreadable);
  c.fails(kMaskBits, m.unknown_bits);
}

Mode check_mode(Step& s, std::uint64_t raw) {
  // mbind's mode is a long that was taken as one until it became an int in passing.
  if (s.profile.from(kIntMode) || s.call.sys == Sys::set_mempolicy) raw = static_cast<std::uint32_t>(raw);
  int flags = 0;
  if (s.profile.from(kFlagsSince)) flags |= MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES;
  if (s.profile.from(kBalancingSince)) flags |= MPOL_F_NUMA_BALANCING;
  const Mode m{static_cast<int>(raw & ~static_cast<std::uint64_t>(flags)), static_cast<int>(raw) & flags};
  s.checks.fails(kModeUnknown, (raw & ~static_cast<std::uint64_t>(flags)) >
                                   static_cast<std::uint64_t>(modes(s.profile.version)));
  constexpr int kBoth = MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES;
  s.checks.fails(kModeFlags, (m.flags & kBoth) == kBoth);
  const bool balanced =
      m.mode == MPOL_BIND || (m.mode == MPOL_PREFERRED_MANY && s.profile.from(kManyBalancing));
  s.checks.fails(kModeBalancing, (m.flags & MPOL_F_NUMA_BALANCING) && !balanced);
  return m;
}

void check_policy(Step& s, Mode m, const UserMask& mask) {
  Checks& c = s.checks;
  const bool placed = m.flags & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES);
  switch (m.mode) {
    case MPOL_DEFAULT:
      return c.fails(kMaskNotEmpty, !mask.empty());
    case MPOL_LOCAL:
      c.fails(kMaskNotEmpty, !mask.empty());
      return c.fails(kLocalFlags, placed ? (s.profile.from(kRealLocal) ? Tri::yes : Tri::maybe) : Tri::no);
    case MPOL_PREFERRED:
      c.fails(kLocalFlags, placed ? mask.empty() : Tri::no);
      if (mask.empty() == Tri::yes) return;
      break;
    default:
      c.fails(kMaskEmpty, mask.empty());
      break;
  }
  if (!s.profile.from(kFlagsSince)) {
    Tri offline = mask.known ? Tri::no : Tri::maybe;
    for (int n = mask.nodes.first(); n >= 0 && n <= mask.nodes.last(); ++n)
      if (mask.nodes.has(n)) offline = offline | !has_memory(s.profile.host, s.world.learned, n);
    return c.fails(kNodeOffline, offline);
  }
  if (m.flags & MPOL_F_RELATIVE_NODES) return;  // folded onto the nodes that there are
  Tri none = mask.known ? !usable(s, mask.nodes) : Tri::maybe;
  if (m.mode == MPOL_PREFERRED) none = none & !mask.empty();
  c.fails(kNoNode, none);
}

std::optional<Policy> policy_of(const Step& s, Mode m, const UserMask& mask) {
  if (!mask.known) return std::nullopt;
  Policy p{m.mode | m.flags, mask.nodes, true};
  if (m.mode == MPOL_DEFAULT) return Policy{};
  if (m.mode == MPOL_LOCAL || (m.mode == MPOL_PREFERRED && mask.nodes.empty())) {
    p.mode = (s.profile.from(kRealLocal) ? MPOL_LOCAL : MPOL_PREFERRED) | m.flags;
    p.nodes = {};
    p.exact = s.profile.from(kFlagsSince);  // before, all online nodes
    return p;
  }
  if (m.flags) return p;  // mpol_store_user_nodemask(): shown as they were given
  p.nodes = mask.nodes & possible_nodes(s.profile.host, s.world.learned);
  p.exact = p.nodes.count() == 1 || p.nodes.subset_of(s.world.learned.allowed);
  if (p.exact && m.mode == MPOL_PREFERRED) p.nodes = NodeSet::one(p.nodes.first());
  return p;
}

void learn(Step& s, Mode m, const UserMask& mask) {
  if (!mask.known) return;
  s.world.learned.mask_bits = std::max(s.world.learned.mask_bits, mask.nodes.last() + 1);
  if (m.mode == MPOL_DEFAULT || m.mode == MPOL_LOCAL || m.flags & MPOL_F_RELATIVE_NODES) return;
  const NodeSet candidates = mask.nodes & possible_nodes(s.profile.host, s.world.learned);
  if (candidates.count() == 1) s.world.learned.may_use(candidates.first());
}

}  // namespace ringtail::kernel
