// SPDX-License-Identifier: GPL-2.0-or-later
// mbind, set_mempolicy, get_mempolicy and migrate_pages.
#include <gtest/gtest.h>

#include "tests/kernel/row.h"

namespace ringtail::kernel {
namespace {

constexpr std::uint64_t P = kPageSize;
constexpr Address kMask = kArea;  // where masks are: in the area, so that they can be read
constexpr std::uint64_t kStrict = 1, kMove = 2, kMoveAll = 4;
constexpr std::uint64_t kBind = 2, kInterleave = 3, kPreferred = 1, kLocal = 4, kStatic = 1 << 15,
                        kRelative = 1 << 14, kBalancing = 1 << 13;

List<std::uint64_t> words(std::vector<std::uint64_t> w) {
  return {std::move(w), List<std::uint64_t>::State::complete};
}

Call mbind(Address start, std::uint64_t length, std::uint64_t mode, std::uint64_t nodes,
           std::uint64_t flags = 0) {
  Call c = call_of(Sys::mbind, {start, length, mode, nodes ? kMask : 0, 65, flags}, 0);
  if (nodes) c.mask = words({nodes});
  return c;
}
Call set_mempolicy(std::uint64_t mode, std::uint64_t nodes) {
  Call c = call_of(Sys::set_mempolicy, {mode, nodes ? kMask : 0, 65}, 0);
  if (nodes) c.mask = words({nodes});
  return c;
}
Call get_mempolicy(std::uint64_t mode, std::uint64_t nodes, Address addr = 0, std::uint64_t flags = 0) {
  Call c = call_of(Sys::get_mempolicy, {kMask, kMask + 8, 64, addr, flags}, 0);
  c.outs = words({mode});
  c.mask = words({nodes});
  return c;
}
Call migrate_pages(std::uint64_t from, std::uint64_t to, std::uint64_t pid = 0) {
  Call c = call_of(Sys::migrate_pages, {pid, 65, kMask, kMask + 8}, 0);
  c.mask = words({from});
  c.mask2 = words({to});
  return c;
}

class Mempolicy : public RowTest {};

TEST_P(Mempolicy, AllowsJustThis) { allows_just(GetParam(), {0, 3}); }

Prepare nodes_of(std::vector<int> nodes, PageState s = anonymous()) {
  return [=](Driver& d) {
    area(s, 4, nodes)(d);
    d.world.learned.numa_answers = true;
  };
}
const Prepare kOne = nodes_of({0}), kTwo = nodes_of({0, 1});

Prepare without_caps(const Prepare& s) {
  return [=](Driver& d) { s(d), d.world.profile.host.caps = 0; };
}

Call with_maxnode(Call c, int argument, std::uint64_t maxnode) {
  c.arg[static_cast<std::size_t>(argument)] = Word::of(maxnode);
  return c;
}

// The kernel moves pages of an area in which a huge page may lie, and of one in which none may.
Prepare moves_in(std::uint64_t pages) {
  return [=](Driver& d) {
    area(anonymous(), pages, {0, 1})(d);
    d.world.profile.take_fact("migrates", "within");
  };
}
Prepare moves_huge() { return moves_in(1024); }
Prepare moves_small() { return moves_in(4); }

INSTANTIATE_TEST_SUITE_P(
    Mbind, Mempolicy,
    testing::ValuesIn(std::vector<Row>{
        {"a plain success", k6_18, kOne, mbind(kArea, P, kBind, 1), "0"},
        {"an unknown mode", k6_18, kOne, mbind(kArea, P, 7, 1), "EINVAL"},
        {"MPOL_LOCAL", {3, 7, 0}, kOne, mbind(kArea, P, kLocal, 0), "EINVAL"},
        {"MPOL_LOCAL", {3, 8, 0}, kOne, mbind(kArea, P, kLocal, 0), "0"},
        {"MPOL_PREFERRED_MANY", {5, 14, 0}, kOne, mbind(kArea, P, 5, 1), "EINVAL"},
        {"MPOL_PREFERRED_MANY", {5, 15, 0}, kOne, mbind(kArea, P, 5, 1), "0"},
        {"MPOL_WEIGHTED_INTERLEAVE", {6, 8, 0}, kOne, mbind(kArea, P, 6, 1), "EINVAL"},
        {"MPOL_WEIGHTED_INTERLEAVE", {6, 9, 0}, kOne, mbind(kArea, P, 6, 1), "0"},
        {"static and relative", k6_18, kOne, mbind(kArea, P, kBind | kStatic | kRelative, 1), "EINVAL"},
        {"relative nodes are folded", k6_18, kOne, mbind(kArea, P, kBind | kRelative, 0x100), "0"},
        {"no mode flags yet", {2, 6, 25}, kOne, mbind(kArea, P, kBind | kStatic, 1), "EINVAL"},
        {"balancing", k6_18, kOne, mbind(kArea, P, kBind | kBalancing, 1), "0"},
        {"balancing, not bound", k6_18, kOne, mbind(kArea, P, kInterleave | kBalancing, 1), "EINVAL"},
        {"balancing", {5, 11, 0}, kOne, mbind(kArea, P, kBind | kBalancing, 1), "EINVAL"},
        {"unknown flags", k6_18, kOne, mbind(kArea, P, kBind, 1, 8), "EINVAL"},
        {"MOVE_ALL of who may not", k6_18, without_caps(kOne), mbind(kArea, P, kBind, 1, kMoveAll), "EPERM"},
        {"but the mode is looked at first", k6_18, without_caps(kOne), mbind(kArea, P, 7, 1, kMoveAll),
         "EINVAL"},
        {"unaligned", k6_18, kOne, mbind(kArea + 1, P, kBind, 1), "EINVAL"},
        {"no length", k6_18, kOne, mbind(kArea, 0, kBind, 0), "0"},
        {"a length that wraps to none", k6_18, kOne, mbind(kArea, ~0ull, kBind, 1), "0"},
        {"a wrapped end", k6_18, kOne, mbind(kArea, ~0ull - kArea, kBind, 1), "EINVAL"},
        {"nodes with the default", k6_18, kOne, mbind(kArea, P, 0, 1), "EINVAL"},
        {"nodes with local", k6_18, kOne, mbind(kArea, P, kLocal, 1), "EINVAL"},
        {"no nodes to bind to", k6_18, kOne, mbind(kArea, P, kBind, 0), "EINVAL"},
        {"no node preferred is local", k6_18, kOne, mbind(kArea, P, kPreferred, 0), "0"},
        {"but not if static", k6_18, kOne, mbind(kArea, P, kPreferred | kStatic, 0), "EINVAL"},
        {"a node that there is not", k6_18, kOne, mbind(kArea, P, kBind, 2), "EINVAL"},
        {"one that there is beside", k6_18, kOne, mbind(kArea, P, kBind, 3), "0"},
        {"was not enough", {2, 6, 25}, kOne, mbind(kArea, P, kBind, 3), "EINVAL"},
        {"a driver may refuse to cut its mapping", k6_18, nodes_of({0}, with(anonymous(), kSpecial)),
         mbind(kArea, P, kBind, 1), "0 EINVAL"},
        {"which is left whole", k6_18, nodes_of({0}, with(anonymous(), kSpecial)),
         mbind(kArea, 4 * P, kBind, 1), "0"},
        {"a huge page is not cut", k6_18, nodes_of({0}, with(anonymous(), kHugetlb)),
         mbind(kArea + P, P, kBind, 1), "0 EINVAL"},
        {"a hole", k6_18, kOne, mbind(kArea + 8 * P, P, kBind, 1), "EFAULT"},
        {"a hole behind", k6_18, kOne, mbind(kArea, 5 * P, kBind, 1), "EFAULT"},
        {"a hole before", k6_18, kOne, mbind(kArea - P, 5 * P, kBind, 1), "EFAULT"},
        {"a hole behind, something above it", {5, 4, 0}, kOne, mbind(kArea, 5 * P, kBind, 1), "0 EFAULT"},
        {"the default takes holes", k6_18, kOne, mbind(kArea - P, 6 * P, 0, 0), "0"},
        {"but not only holes", k6_18, kOne, mbind(kArea + 8 * P, P, 0, 0), "EFAULT"},
        {"it wanted the start to be mapped", {5, 4, 0}, kOne, mbind(kArea - P, 6 * P, 0, 0), "EFAULT"},
        {"STRICT with all pages in place", k6_18, kOne, mbind(kArea, P, kBind, 1, kStrict), "0"},
        {"STRICT", k6_18, kTwo, mbind(kArea, P, kBind, 1, kStrict), "0 EIO EINVAL"},
        {"STRICT with a move", k6_18, kTwo, mbind(kArea, P, kBind, 1, kStrict | kMove), "0 EIO EINVAL"},
        {"a move that may fail in part", k6_18, kTwo, mbind(kArea, P, kBind, 1, kMove), "0 EINVAL"},
        {"a huge page on its way", {6, 1, 0}, moves_huge(), mbind(kArea, P, kBind, 1, kMove), "0 EIO EINVAL"},
        {"none may lie there", {6, 1, 0}, moves_small(), mbind(kArea, P, kBind, 1, kMove), "0 EINVAL"},
        {"without a flag nobody looks", {6, 1, 0}, moves_huge(), mbind(kArea, P, kBind, 1), "0 EINVAL"},
        {"it is only counted", {6, 7, 0}, moves_huge(), mbind(kArea, P, kBind, 1, kMove), "0 EINVAL"},
        {"the default is never strict", k6_18, kTwo, mbind(kArea, P, 0, 0, kStrict), "0"},
        {"no node is preferred: every page is misplaced", k6_18, kOne,
         mbind(kArea, P, kPreferred, 0, kStrict), "0 EIO"},
    }));

INSTANTIATE_TEST_SUITE_P(
    Masks, Mempolicy,
    testing::ValuesIn(std::vector<Row>{
        {"maxnode 0 with a mask", k6_18, kOne, with_maxnode(set_mempolicy(kBind, 1), 2, 0), "EINVAL"},
        {"maxnode 0 without one", k6_18, kOne, with_maxnode(set_mempolicy(0, 0), 2, 0), "0"},
        {"maxnode 1 is no bit", k6_18, kOne, with_maxnode(set_mempolicy(kBind, 1), 2, 1), "EINVAL"},
        {"maxnode 1 and the default", k6_18, kOne, with_maxnode(set_mempolicy(0, 1), 2, 1), "0"},
        {"a mask longer than a page", k6_18, kOne, with_maxnode(set_mempolicy(kBind, 1), 2, 32770), "EINVAL"},
        {"bits beyond maxnode are dropped", k6_18, kOne, with_maxnode(set_mempolicy(kBind, 3), 2, 2), "0"},
        {"a mask that cannot be read", k6_18, kOne,
         [] {
           Call c = call_of(Sys::set_mempolicy, {kBind, kArea + 8 * P, 64}, 0);
           c.mask.state = List<std::uint64_t>::State::opaque;
           return c;
         }(),
         "EFAULT"},
        {"a mask that is not shown", k6_18, kOne,
         [] {
           Call c = call_of(Sys::set_mempolicy, {kBind, kArea, 64}, 0);
           c.mask.state = List<std::uint64_t>::State::opaque;
           return c;
         }(),
         "0 EINVAL"},
        {"no NUMA, or a filter", k6_18, without_caps([](Driver& d) { thread_of(d); }), set_mempolicy(0, 0),
         "0 EPERM ENOSYS"},
    }));

INSTANTIATE_TEST_SUITE_P(
    MigratePages, Mempolicy,
    testing::ValuesIn(std::vector<Row>{
        {"one node", k6_18, kOne, migrate_pages(1, 1), "0"},
        {"two nodes", k6_18, kTwo, migrate_pages(1, 2), "0 3 EPERM ENOMEM EINVAL"},
        {"no pair to move between", k6_18, kTwo, migrate_pages(0, 2), "0 EPERM EINVAL"},
        {"onto itself", k6_18, kTwo, migrate_pages(2, 2), "0 EPERM EINVAL"},
        {"to a node that there is not", k6_18, kOne, migrate_pages(1, 0x200), "EPERM EINVAL"},
        {"to nothing", k6_18, kOne, migrate_pages(1, 0), "EINVAL"},
        {"to such a node of who may not", k6_18, without_caps(kOne), migrate_pages(1, 3), "EPERM"},
        {"to a node too many", {4, 15, 0}, kOne, migrate_pages(1, 3), "EPERM EINVAL"},
        {"no such process", k6_18, kOne, migrate_pages(1, 1, static_cast<std::uint64_t>(-1)), "ESRCH"},
        {"maxnode 0", k6_18, kOne, with_maxnode(migrate_pages(1, 1), 1, 0), "EINVAL"},
        {"maxnode 0 without masks: no node to go to", k6_18, kOne,
         call_of(Sys::migrate_pages, {0, 0, 0, 0}, 0), "EINVAL"},
    }));

// get_mempolicy without the lists that a success shows.
Call get(std::uint64_t policy, std::uint64_t mask, std::uint64_t maxnode, Address addr, std::uint64_t flags) {
  Call c = call_of(Sys::get_mempolicy, {policy, mask, maxnode, addr, flags}, 0);
  if (mask) c.mask.state = List<std::uint64_t>::State::opaque;
  return c;
}

INSTANTIATE_TEST_SUITE_P(
    GetMempolicy, Mempolicy,
    testing::ValuesIn(std::vector<Row>{
        {"nothing", k6_18, kOne, get(0, 0, 0, 0, 0), "0"},
        {"unknown flags", k6_18, kOne, get(0, 0, 0, 0, 8), "EINVAL"},
        {"MEMS_ALLOWED with another", k6_18, kOne, get(0, 0, 0, 0, 5), "EINVAL"},
        {"MEMS_ALLOWED", {2, 6, 23}, kOne, get(0, 0, 0, 0, 4), "EINVAL"},
        {"an address without MPOL_F_ADDR", k6_18, kOne, get(0, 0, 0, kArea, 0), "EINVAL"},
        {"an address", k6_18, kOne, get(0, 0, 0, kArea, 2), "0"},
        {"an address that is not mapped", k6_18, kOne, get(0, 0, 0, kArea + 8 * P, 2), "EFAULT"},
        {"the page's node", k6_18, kOne, get(0, 0, 0, kArea, 3), "0 ENOMEM EHWPOISON"},
        {"of memory that cannot be read", k6_18,
         nodes_of({0}, with(with(anonymous(), kRead, false), kWrite, false)), get(0, 0, 0, kArea, 3),
         "EFAULT"},
        {"a mask that is too short", k6_18, nodes_of({0, 1, 2, 3}), get(0, kArea, 3, 0, 0), "EINVAL"},
        {"a mask that may be", k6_18, nodes_of({0, 1, 2, 3}), get(0, kArea, 4, 0, 0), "0 EINVAL"},
        {"a mask of all possible nodes", k6_18, nodes_of({0, 1, 2, 3}), get(0, kArea, 1024, 0, 0), "0"},
        {"a policy that cannot be stored", k6_18, kOne, get(kArea + 8 * P, 0, 0, 0, 0), "EFAULT"},
        {"a mask that cannot be stored", k6_18, kOne, get(0, kArea + 8 * P, 1024, 0, 0), "EFAULT"},
        {"NODE without a weaving policy", k6_18, [](Driver& d) { kOne(d), d.run(set_mempolicy(kBind, 1)); },
         get(0, 0, 0, 0, 1), "EINVAL"},
        {"NODE with one", k6_18, [](Driver& d) { kOne(d), d.run(set_mempolicy(kInterleave, 1)); },
         get(0, 0, 0, 0, 1), "0"},
    }));

// get must return what set stored.
std::string reads(const Prepare& setup, std::uint64_t mode, std::uint64_t nodes, Version v = k6_18) {
  return broken(v, setup, get_mempolicy(mode, nodes), 0);
}
Prepare after(const Prepare& setup, Call c) {
  return [=](Driver& d) {
    setup(d);
    d.run(c);
  };
}

TEST(MempolicyKnowledge, GetReturnsWhatSetStored) {
  const Prepare bound = after(kTwo, set_mempolicy(kBind, 2));
  EXPECT_EQ(reads(bound, kBind, 2), "");
  EXPECT_EQ(reads(bound, kInterleave, 2), "get_mempolicy.mode");
  EXPECT_EQ(reads(bound, kBind, 1), "get_mempolicy.nodes");
  const Prepare woven = after(kTwo, set_mempolicy(kInterleave, 3));
  EXPECT_EQ(reads(woven, kInterleave, 3), "");
  EXPECT_EQ(reads(woven, kInterleave, 1), "") << "a cpuset may hide a node";
  EXPECT_EQ(reads(woven, kInterleave, 4), "get_mempolicy.nodes");
  EXPECT_EQ(reads(after(kTwo, set_mempolicy(kBind | kStatic, 3)), kBind | kStatic, 1), "get_mempolicy.nodes")
      << "static nodes are kept as they were given";
}

TEST(MempolicyKnowledge, LocalIsShownByVersion) {
  const Prepare s = after(kOne, set_mempolicy(kPreferred, 0));
  EXPECT_EQ(reads(s, kLocal, 0), "");
  EXPECT_EQ(reads(s, kPreferred, 0), "get_mempolicy.mode");
  EXPECT_EQ(reads(s, kPreferred, 0, {5, 13, 0}), "");
  EXPECT_EQ(reads(after(kOne, set_mempolicy(kLocal, 0)), kPreferred, 0, {5, 13, 0}), "");
}

TEST(MempolicyKnowledge, TheDefaultHasNoNodes) {
  EXPECT_EQ(reads(kTwo, 0, 0), "");
  EXPECT_EQ(reads(kTwo, 0, 1), "get_mempolicy.default-nodes");
  EXPECT_EQ(reads(kTwo, kBind, 1), "");
}

TEST(MempolicyKnowledge, AReportIsKept) {
  const Prepare s = after(kTwo, get_mempolicy(kInterleave, 3));
  EXPECT_EQ(reads(s, kInterleave, 3), "");
  EXPECT_EQ(reads(s, 0, 0), "get_mempolicy.mode");
}

TEST(MempolicyKnowledge, AChildInheritsIt) {
  Driver d(k6_18);
  kTwo(d);
  d.run(set_mempolicy(kBind, 2));
  d.run(Sys::fork, {}, 2);
  EXPECT_EQ(text_of(d.run(get_mempolicy(kBind, 2), 2)), "conforms");
  EXPECT_EQ(text_of(d.run(get_mempolicy(0, 0), 2)), "diverges get_mempolicy.mode");
}

TEST(MempolicyKnowledge, OfAnArea) {
  const Prepare s = after(kTwo, mbind(kArea, P, kBind, 2));
  EXPECT_EQ(broken(k6_18, s, get_mempolicy(kBind, 2, kArea, 2), 0), "");
  EXPECT_EQ(broken(k6_18, s, get_mempolicy(0, 0, kArea, 2), 0), "get_mempolicy.mode");
  EXPECT_EQ(broken(k6_18, s, get_mempolicy(0, 0, kArea + P, 2), 0), "") << "the next page has the default";
  EXPECT_EQ(broken(k6_18, s, get_mempolicy(kBind, 2, kArea + P, 2), 0), "get_mempolicy.mode");
  const Prepare shared =
      after(nodes_of({0, 1}, with(with(anonymous(), kFile), kShmem)), mbind(kArea, P, kBind, 2));
  EXPECT_EQ(broken(k6_18, shared, get_mempolicy(0, 0, kArea, 2), 0), "") << "others may bind it too";
}

TEST(MempolicyKnowledge, TheNodeOfAPage) {
  EXPECT_EQ(broken(k6_18, kTwo, get_mempolicy(1, 0, kArea, 3), 0), "");
  EXPECT_EQ(broken(k6_18, kTwo, get_mempolicy(2, 0, kArea, 3), 0), "get_mempolicy.node");
}

TEST(MempolicyKnowledge, AllowedNodesCanBeUsed) {
  const Prepare s = after(kTwo, get_mempolicy(0, 3, 0, 4));
  EXPECT_EQ(allowed(k6_18, s, mbind(kArea, P, kBind, 2)), "0");
  EXPECT_EQ(allowed(k6_18, s, migrate_pages(1, 2), {0, 3}), "0 3 ENOMEM");
}

// Pages that another call is migrating count as failed since 6.7, on the only node, too.
TEST(MigratePages, CountsWhatOthersAreMigrating) {
  for (const auto& [version, expected] : {std::pair{Version{6, 6, 0}, "diverges migrate_pages.count"},
                                          std::pair{Version{6, 7, 0}, "conforms"}}) {
    Driver d(version);
    kOne(d);
    d.run(Sys::clone, {0x10f00}, 2);
    d.begin(mbind(kArea, P, kBind, 1, kMove), 2);
    Call c = migrate_pages(3, 1);
    c.out.value = 1;
    EXPECT_EQ(text_of(d.run(c)), expected);
    c = migrate_pages(1, 1);  // nothing is looked at
    c.out.value = 1;
    EXPECT_EQ(text_of(d.run(c)), "diverges migrate_pages.count");
  }
}

}  // namespace
}  // namespace ringtail::kernel
