// SPDX-License-Identifier: GPL-2.0-or-later
// get_mempolicy(2): mm/mempolicy.c kernel_get_mempolicy, do_get_mempolicy. outs[0] of the call is what it
// wrote to *policy, mask what it wrote to the node mask.
#include <algorithm>
#include <bit>
#include <cerrno>

#include <fmt/format.h>

#include "model/kernel/mempolicy.h"
#include "model/kernel/residence.h"
#include "model/kernel/user_memory.h"

namespace ringtail::kernel {
namespace {

constexpr std::uint64_t kFNode = 1, kFAddr = 2, kFMemsAllowed = 4;
constexpr Version kMemsAllowedSince{2, 6, 24}, kNodeIds{5, 0, 0}, kWeighted{6, 9, 0};

constexpr Rule kMaskShort{"get_mempolicy.mask-short", EINVAL,
                          "mm/mempolicy.c kernel_get_mempolicy: nr_node_ids"};
constexpr Rule kFlags{"get_mempolicy.flags", EINVAL, "mm/mempolicy.c do_get_mempolicy"};
constexpr Rule kAllowedAlone{"get_mempolicy.mems-allowed-alone", EINVAL, "mm/mempolicy.c do_get_mempolicy",
                             kMemsAllowedSince};
constexpr Rule kHole{"get_mempolicy.hole", EFAULT, "mm/mempolicy.c do_get_mempolicy: MPOL_F_ADDR"};
constexpr Rule kAddress{"get_mempolicy.address", EINVAL,
                        "mm/mempolicy.c do_get_mempolicy: addr without MPOL_F_ADDR"};
constexpr Rule kNotInterleaved{"get_mempolicy.not-interleaved", EINVAL,
                               "mm/mempolicy.c do_get_mempolicy: MPOL_F_NODE"};
constexpr Rule kLookup{"get_mempolicy.lookup", EFAULT, "mm/mempolicy.c lookup_node: the fault"};
constexpr Rule kLookupMemory{"get_mempolicy.lookup-memory", ENOMEM, "mm/mempolicy.c lookup_node: the fault"};
constexpr Rule kLookupPoison{"get_mempolicy.lookup-poison", EHWPOISON,
                             "mm/mempolicy.c lookup_node: the fault"};
constexpr Rule kStore{"get_mempolicy.store", EFAULT,
                      "mm/mempolicy.c kernel_get_mempolicy: put_user, copy_nodes_to_user"};
constexpr Rule kMaskLong{"get_mempolicy.mask-too-long", EINVAL, "mm/mempolicy.c copy_nodes_to_user"};
constexpr Rule kDone{"get_mempolicy.done", 0, "mm/mempolicy.c kernel_get_mempolicy"};
constexpr Rule kMode{"get_mempolicy.mode", 0, "mm/mempolicy.c do_get_mempolicy: the policy that was set"};
constexpr Rule kNodes{"get_mempolicy.nodes", 0,
                      "mm/mempolicy.c get_policy_nodemask: the nodes that were set"};
constexpr Rule kNodeValue{"get_mempolicy.node", 0, "mm/mempolicy.c lookup_node, next_node_in"};
constexpr Rule kAllowed{"get_mempolicy.mems-allowed", 0,
                        "mm/mempolicy.c do_get_mempolicy: some node is always allowed"};
constexpr Rule kDefaultNodes{"get_mempolicy.default-nodes", 0,
                             "mm/mempolicy.c get_policy_nodemask: the default policy has no nodes"};
constexpr Rule kAnyMode{"get_mempolicy.any-mode", 0, "include/uapi/linux/mempolicy.h"};

struct Shown {
  bool nodes_known = false;
  NodeSet nodes;
  std::optional<int> policy;
};

Shown shown(const Call& call) {
  Shown r;
  if (call.outs.complete() && !call.outs.items.empty())
    r.policy = static_cast<std::int32_t>(call.outs.items[0]);
  if (!call.mask.complete() || call.mask.items.empty()) return r;
  r.nodes_known = true;
  for (std::size_t i = 0; i < call.mask.items.size() && i < NodeSet::kMost / 64; ++i)
    r.nodes.set_word(static_cast<int>(i), call.mask.items[i]);
  return r;
}

// What a recorder shows of `nodes` in a mask of that many bits.
NodeSet cut(const NodeSet& nodes, std::size_t words) {
  NodeSet r;
  for (std::size_t i = 0; i < words && i < NodeSet::kMost / 64; ++i)
    r.set_word(static_cast<int>(i), nodes.word(static_cast<int>(i)));
  return r;
}

void expect_policy(Step& s, const Policy* known, const Shown& seen) {
  if (seen.policy == MPOL_DEFAULT && seen.nodes_known)
    s.checks.expect(
        kDefaultNodes, tri(seen.nodes.empty()), [&] { return to_string(seen.nodes); },
        [] { return std::string("{}"); });
  if (!known) {
    s.checks.inexact();
    if (seen.policy) {
      const int mode = *seen.policy & ~(MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES | MPOL_F_NUMA_BALANCING);
      s.checks.expect(
          kAnyMode, tri(mode >= MPOL_DEFAULT && mode <= MPOL_WEIGHTED_INTERLEAVE),
          [&] { return fmt::format("policy {:#x}", *seen.policy); }, [] { return std::string("a mode"); });
    }
    return;
  }
  if (seen.policy)
    s.checks.expect(
        kMode, tri(*seen.policy == known->mode),
        [&] {
          return to_string(Policy{*seen.policy, {}, true});
        },
        [&] {
          return to_string(Policy{known->mode, {}, true});
        });
  if (!seen.nodes_known) return;
  const std::size_t words = s.call.mask.items.size();
  const NodeSet nodes = cut(known->nodes, words);
  bool fits = known->exact ? seen.nodes == nodes : seen.nodes.subset_of(nodes) && !seen.nodes.empty();
  // No more words are copied than the numbers of nodes take; a mask as the user gave it may have more.
  for (std::size_t w = 1; w < words && known->exact; ++w) fits = fits || seen.nodes == cut(nodes, w);
  s.checks.expect(
      kNodes, tri(fits), [&] { return to_string(seen.nodes); },
      [&] { return (known->exact ? "" : "some of ") + to_string(nodes); });
}

void expect_node(Step& s, int node, const NodeSet* among, int known) {
  const NodeSet possible = possible_nodes(s.profile.host, s.world.learned);
  const bool fits = possible.has(node) && (!among || among->has(node)) && (known < 0 || node == known);
  s.checks.expect(
      kNodeValue, tri(fits), [&] { return fmt::format("node {}", node); },
      [&] {
        return known >= 0 ? fmt::format("node {}", known)
                          : "a node of " + to_string(among ? *among : possible);
      });
}

void check_mask_length(Step& s, bool wants_mask) {
  const Word& maxnode = s.call.arg[2];
  Learned& learned = s.world.learned;
  if (!wants_mask) return;
  if (!maxnode.known()) return s.checks.may_fail(kMaskShort);
  const int greatest = s.profile.host.nodes && !s.profile.host.nodes->empty() ? s.profile.host.nodes->back()
                                                                              : learned.with_memory.last();
  const auto least = static_cast<std::uint64_t>(greatest + 1);
  const auto enough =
      static_cast<std::uint64_t>(s.profile.from(kNodeIds) ? learned.nodes_below : NodeSet::kMost);
  s.checks.fails(kMaskShort, maxnode.value < least     ? Tri::yes
                             : maxnode.value >= enough ? Tri::no
                                                       : Tri::maybe);
}

void found_mapped(Step& s, Address addr) {
  const Range page{s.page_down(addr), s.page_down(addr) + s.page()};
  if (undisturbed(s, page)) s.change(page, [](Range, PageState& p) { p.set(kMapped, true); });
}

void judge_get_mempolicy(Step& s) {
  if (!s.knows(4) || (!s.knows(3) && s.arg(4))) return s.checks.not_judged(reason::kArguments);
  Checks& c = s.checks;
  age(s);
  check_numa(s);
  const std::uint64_t flags = s.arg(4), addr = s.arg(3);
  const bool wants_mask =
      s.call.mask.state != List<std::uint64_t>::State::absent || s.arg(1) != 0 || !s.knows(1);
  const bool wants_policy =
      s.call.outs.state != List<std::uint64_t>::State::absent || s.arg(0) != 0 || !s.knows(0);
  check_mask_length(s, wants_mask);
  const std::uint64_t valid = s.profile.from(kMemsAllowedSince) ? 7 : 3;
  c.fails(kFlags, (flags & ~valid) != 0);
  const bool allowed = flags & kFMemsAllowed;
  c.fails(kAllowedAlone, allowed && flags & (kFNode | kFAddr));
  PageState area;
  Tri here = Tri::yes;
  if (flags & kFAddr) {
    here = Tri::no;
    if (addr < kUserEnd)
      s.look({s.page_down(addr), s.page_down(addr) + s.page()}, [&](Range r, const PageState& p) {
        area = p;
        here = mapped_at(r, p);
      });
    c.fails(kHole, !here);
  } else {
    c.fails(kAddress, !allowed && addr != 0);
  }
  const std::optional<Policy>& mine = s.task.policy.known;
  const bool by_node = flags & kFNode && !allowed;
  if (by_node && flags & kFAddr) {
    // A page that is present is found without asking whether the VMA may be read.
    Tri fails = !area.test(kRead);
    if (fails == Tri::yes && (area.test(kWrite) | area.test(kExec)) != Tri::no) fails = Tri::maybe;
    if (fails == Tri::no &&
        (area.test(kFile) != Tri::no || area.test(kSpecial) != Tri::no || area.test(kGuards) != Tri::no))
      fails = Tri::maybe;
    c.fails(kLookup, fails);
    c.may_fail(kLookupMemory);
    c.may_fail(kLookupPoison);
  } else if (by_node) {
    const int mode = mine ? mine->mode & ~(MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES) : 0;
    const bool weaves =
        mode == MPOL_INTERLEAVE || (mode == MPOL_WEIGHTED_INTERLEAVE && s.profile.from(kWeighted));
    c.fails(kNotInterleaved, mine ? tri(!weaves) : Tri::maybe);
  }
  c.fails(kStore,
          wants_policy && s.call.outs.items.empty() ? faults(s, s.call.arg[0], 4, Access::write) : Tri::no);
  if (wants_mask && s.knows(2)) {
    c.fails(kMaskLong, ((s.arg(2) - 1 + 63) & ~std::uint64_t{63}) > s.page() * 8);  // which may wrap
    if (!s.call.mask.complete())
      c.fails(kStore, faults(s, s.call.arg[1], (s.arg(2) + 62) / 64 * 8, Access::write));
  }
  c.returns(kDone, 0);

  if (!s.succeeded()) return;
  Learned& learned = s.world.learned;
  if (wants_mask && s.knows(2) && s.arg(2) > 0 && s.profile.from(kNodeIds))
    learned.nodes_below =
        static_cast<int>(std::min<std::uint64_t>(s.arg(2), static_cast<std::uint64_t>(learned.nodes_below)));
  const Shown seen = shown(s.call);
  if (allowed) {
    if (!seen.nodes_known) return;
    c.expect(
        kAllowed, tri(s.arg(2) <= 1 || !cut(seen.nodes, s.call.mask.items.size()).empty()),
        [] { return std::string("{}"); }, [] { return std::string("a node at least"); });
    // Without cpusets all possible nodes are shown, whether they exist or not.
    if (seen.nodes.count() <= 64)
      for (int n = seen.nodes.first(); n >= 0 && n <= seen.nodes.last(); ++n)
        if (seen.nodes.has(n) && has_memory(s.profile.host, learned, n) != Tri::no) learned.may_use(n);
    if (seen.nodes.count() <= 64) learned.allowed_shown = true;
    return;
  }
  if (by_node) {
    if (!seen.policy) return;
    if (flags & kFAddr) {
      expect_node(s, *seen.policy, nullptr, node_of(s, area));
      found_mapped(s, addr);
    } else {
      expect_node(s, *seen.policy, mine && mine->exact ? &mine->nodes : nullptr, -1);
    }
    return;
  }
  const bool of_area = flags & kFAddr;
  expect_policy(s, of_area ? s.mm.policies.find(area.policy) : mine ? &*mine : nullptr, seen);
  if (of_area) found_mapped(s, addr);
  if (!of_area && seen.policy && (seen.nodes_known || *seen.policy == MPOL_DEFAULT))
    s.task.policy.known = Policy{*seen.policy, seen.nodes, true};
}

Range page_of(const World& w, const Call& call) {
  if (!call.arg[3].known() || !call.arg[4].known() || !(call.arg[4].value & kFAddr) ||
      call.arg[3].value >= kUserEnd)
    return {};
  const Address page = call.arg[3].value & ~(w.profile.host.page_size - 1);
  return {page, page + w.profile.host.page_size};
}

std::vector<Glance> saw_page(const Step& s) {
  const Range r = page_of(s.world, s.call);
  if (r.empty() || !s.succeeded()) return {};
  return {{r, true, false}};
}

}  // namespace

Handler get_mempolicy_handler() { return {judge_get_mempolicy, nullptr, nullptr, page_of, saw_page}; }

}  // namespace ringtail::kernel
