// SPDX-License-Identifier: GPL-2.0-or-later
// move_pages: results and statuses by version, by what is known of a page, and by how many nodes there are.
#include <gtest/gtest.h>

#include "tests/kernel/row.h"

namespace ringtail::kernel {
namespace {

constexpr std::uint64_t P = kPageSize;
constexpr std::uint64_t kPages = 0x7f8000000000, kNodes = 0x7f8000100000, kStatus = 0x7f8000200000;
constexpr std::uint64_t kMove = 2, kMoveAll = 4;

template <class T>
List<T> list(std::vector<T> items) {
  return {std::move(items), List<T>::State::complete};
}

// A query when `nodes` is empty. The recorder shows no statuses of a call that failed.
Call move_pages(std::vector<std::uint64_t> pages, std::vector<std::int32_t> nodes,
                std::vector<std::int32_t> status, std::uint64_t flags = kMove, std::uint64_t pid = 0) {
  Call c =
      call_of(Sys::move_pages, {pid, pages.size(), kPages, nodes.empty() ? 0 : kNodes, kStatus, flags}, 0);
  c.pages = list(std::move(pages));
  if (!nodes.empty()) c.nodes = list(std::move(nodes));
  if (!status.empty()) c.status = list(std::move(status));
  return c;
}

Prepare nodes_of(std::vector<int> nodes, PageState s = anonymous()) {
  return [=](Driver& d) {
    area(s, 4, nodes)(d);
    d.world.learned.numa_answers = true;
  };
}

// The statuses that one page may get, of the nodes 0 to 3 and the errors that there are.
std::string statuses(Version v, const Prepare& setup, std::int32_t target, std::uint64_t flags = kMove,
                     Address page = kArea) {
  std::string text;
  for (const std::int32_t s :
       {0, 1, 2, 3, -ENOENT, -EFAULT, -EACCES, -EBUSY, -EAGAIN, -EIO, -ENOMEM, -EPERM, -EINVAL}) {
    const Call c = target < 0 ? move_pages({page}, {}, {s}, flags) : move_pages({page}, {target}, {s}, flags);
    if (run_in(v, setup, c, 0).kind != Verdict::Kind::conforms) continue;
    text += (text.empty() ? "" : " ") + (s < 0 ? errno_name(-s) : std::to_string(s));
  }
  return text;
}

class MovePages : public RowTest {};

TEST_P(MovePages, ReturnsJustThis) { allows_just(GetParam(), {0, 1, 2, 3}); }

const Prepare kOne = nodes_of({0}), kTwo = nodes_of({0, 1});

Prepare without_nice() {
  return [](Driver& d) { kOne(d), d.world.profile.host.caps = 0; };
}

INSTANTIATE_TEST_SUITE_P(
    Results, MovePages,
    testing::ValuesIn(std::vector<Row>{
        {"one node, nothing can fail to move", k6_18, kOne, move_pages({kArea}, {0}, {0}), "0"},
        {"a query", k6_18, kOne, move_pages({kArea}, {}, {0}), "0"},
        {"unknown flags win over all", k6_18, kOne, move_pages({kArea}, {9}, {0}, 8), "EINVAL"},
        {"MOVE_ALL of who may not", k6_18, without_nice(), move_pages({kArea}, {0}, {0}, kMoveAll), "EPERM"},
        {"no such process", k6_18, kOne, move_pages({kArea}, {0}, {0}, kMove, static_cast<std::uint64_t>(-1)),
         "ESRCH"},
        {"another process", k6_18, kOne, move_pages({kArea}, {0}, {0}, kMove, 4711),
         "0 EPERM ESRCH EACCES EINVAL"},
        {"oneself by pid", k6_18, kOne, move_pages({kArea}, {0}, {0}, kMove, 1), "0"},
        {"a node that there is not", k6_18, kOne, move_pages({kArea}, {1}, {0}), "ENODEV"},
        {"a negative node", k6_18, kOne, move_pages({kArea}, {-1}, {0}), "ENODEV"},
        {"a node beyond any", k6_18, kOne, move_pages({kArea}, {5000}, {0}), "ENODEV"},
        {"the second of two", k6_18, kOne, move_pages({kArea, kArea + P}, {0, 9}, {0, 0}), "ENODEV"},
        {"two nodes: pages may fail to move", k6_18, kTwo, move_pages({kArea}, {1}, {1}),
         "0 1 ENOMEM EACCES ENODEV"},
        {"as many as there are", k6_18, kTwo, move_pages({kArea, kArea + P}, {1, 1}, {1, 1}),
         "0 1 2 ENOMEM EACCES ENODEV"},
        {"a run before the bad node may end the call", k6_18, kTwo,
         move_pages({kArea, kArea + P}, {1, 9}, {1, 1}), "1 2 ENOMEM EACCES ENODEV"},
        {"the first node is bad", k6_18, kTwo, move_pages({kArea, kArea + P}, {9, 1}, {1, 1}), "ENODEV"},
        {"chunks returned 0", {4, 16, 0}, kTwo, move_pages({kArea}, {1}, {1}), "0 ENOMEM EACCES ENODEV"},
        {"all nodes were checked first",
         {4, 16, 0},
         kTwo,
         move_pages({kArea, kArea + P}, {1, 9}, {1, 1}),
         "ENOMEM EACCES ENODEV"},
        {"nothing to move was an error", {2, 6, 27}, kOne, move_pages({kArea}, {0}, {0}), "0 ENOENT ENOMEM"},
        {"and is none", {2, 6, 29}, kOne, move_pages({kArea}, {0}, {0}), "0"},
    }));

TEST(MovePagesArguments, ArraysThatCannotBeRead) {
  const auto opaque = [](std::uint64_t pages, std::uint64_t nodes, std::uint64_t status,
                         std::uint64_t count) {
    Call c = call_of(Sys::move_pages, {0, count, pages, nodes, status, kMove}, 0);
    c.pages.state = List<std::uint64_t>::State::opaque;
    if (nodes) c.nodes.state = List<std::int32_t>::State::opaque;
    c.status.state = List<std::int32_t>::State::opaque;
    return c;
  };
  const Address bad = 0xffff800000000000, hole = kArea + 8 * P;
  EXPECT_EQ(allowed(k6_18, kOne, opaque(kArea, kArea, kArea, 1)), "0 ENODEV");
  EXPECT_EQ(allowed(k6_18, kOne, opaque(bad, kArea, kArea, 1)), "EFAULT");
  EXPECT_EQ(allowed(k6_18, kOne, opaque(0, kArea, kArea, 1)), "EFAULT") << "the first page is never mapped";
  EXPECT_EQ(allowed(k6_18, kOne, opaque(kArea, hole, kArea, 1)), "EFAULT");
  EXPECT_EQ(allowed(k6_18, kOne, opaque(kArea, kArea, hole, 1)), "EFAULT ENODEV");
  EXPECT_EQ(allowed(k6_18, kOne, opaque(kArea, 0, hole, 1)), "EFAULT");
  EXPECT_EQ(allowed(k6_18, kOne, opaque(kArea, 0, hole, 0)), "0") << "nothing to write";
  EXPECT_EQ(allowed(k6_18, nodes_of({0}, with(anonymous(), kWrite, false)), opaque(kArea, 0, kArea, 1)),
            "EFAULT");
  EXPECT_EQ(allowed({2, 6, 28}, kOne, opaque(kArea, kArea, kArea, ~0ull / 8)), "E2BIG");
}

// A page of which all is known but whether it is present.
TEST(MovePagesStatus, OfAnonymousMemory) {
  EXPECT_EQ(statuses(k6_18, kOne, -1), "0 ENOENT EFAULT") << "not touched, or the zero page";
  EXPECT_EQ(statuses(k6_1, kOne, -1), "0 EFAULT") << "both are -EFAULT from 4.3 to 6.11";
  EXPECT_EQ(statuses({6, 11, 0}, kOne, -1), "0 EFAULT");
  EXPECT_EQ(statuses({6, 12, 0}, kOne, -1), "0 ENOENT EFAULT");
  EXPECT_EQ(statuses({4, 3, 0}, kOne, -1), "0 EFAULT");
  EXPECT_EQ(statuses({4, 2, 0}, kOne, -1), "0 ENOENT");
  EXPECT_EQ(statuses(
                k6_1, [](Driver& d) { kOne(d), d.world.profile.host.swap_kib = 1; }, -1),
            "0 ENOENT EFAULT")
      << "swapped out";
}

TEST(MovePagesStatus, OfFilesAndHoles) {
  EXPECT_EQ(statuses(k6_1, nodes_of({0}, with(anonymous(), kFile)), -1), "0 ENOENT");
  EXPECT_EQ(statuses(k6_18, kOne, -1, kMove, kArea + 8 * P), "EFAULT");
  EXPECT_EQ(statuses({2, 6, 36}, kOne, -1, kMove, kArea + 8 * P), "ENOENT EFAULT")
      << "find_vma() found the next VMA";
  EXPECT_EQ(statuses(k6_18, kOne, -1, kMove, 0xffff800000000000), "EFAULT");
}

TEST(MovePagesStatus, OfMemoryThatIsNotAccessible) {
  PageState none = anonymous();
  none.set(kRead, false).set(kWrite, false);
  EXPECT_EQ(statuses({6, 2, 0}, nodes_of({0}, none), -1), "0 ENOENT EFAULT")
      << "PROT_NONE was taken for absence";
  EXPECT_EQ(statuses({6, 5, 0}, nodes_of({0}, none), -1), "0 EFAULT");
}

TEST(MovePagesStatus, OfAMove) {
  EXPECT_EQ(statuses(k6_18, kOne, 0), "0 ENOENT EFAULT") << "one node: nothing is in the way";
  EXPECT_EQ(statuses(k6_18, kTwo, 1), "1 ENOENT EFAULT EACCES EBUSY");
  EXPECT_EQ(statuses(k6_18, kTwo, 1, kMoveAll), "1 ENOENT EFAULT EBUSY");
  EXPECT_EQ(statuses({4, 16, 0}, kTwo, 1), "0 1 EFAULT EACCES EBUSY EAGAIN EIO ENOMEM EINVAL")
      << "each page's own fate, 0 when it was not tried";
  EXPECT_EQ(statuses(k6_1, nodes_of({0, 1}, with(with(anonymous(), kFile), kHugetlb)), 1, kMoveAll),
            "1 ENOENT EFAULT EACCES EBUSY")
      << "part of a huge page";
  EXPECT_EQ(statuses({5, 0, 0}, kTwo, 1), statuses({5, 4, 0}, kTwo, 1));
  EXPECT_EQ(statuses({5, 4, 0}, kTwo, 1), "0 1 2 3 ENOENT EFAULT EACCES EBUSY EAGAIN EIO ENOMEM EPERM EINVAL")
      << "4.17 to 5.4: left unwritten where no move was needed";
}

// Seen on 5.10: {page on node 0 that cannot move} to node 1 gives 0, and its status stays as it was; 6.1
// gives 1.
TEST(MovePagesStatus, OfTheLastRunWhenOnePageOfItIsLeft) {
  constexpr Version k5_10{5, 10, 0};
  EXPECT_EQ(statuses(k5_10, kTwo, 1), "0 1 2 3 ENOENT EFAULT EACCES EBUSY EAGAIN EIO ENOMEM EPERM EINVAL");
  EXPECT_EQ(statuses({6, 0, 0}, kTwo, 1), statuses(k5_10, kTwo, 1));
  EXPECT_EQ(statuses({6, 1, 0}, kTwo, 1), statuses(k6_18, kTwo, 1));
  EXPECT_EQ(statuses({5, 6, 0}, kTwo, 1), "1 EFAULT EACCES EBUSY")
      << "what is left of the last run counts as it is";
  EXPECT_EQ(statuses(k5_10, kOne, 0), "0 EFAULT") << "one node: no page is left";
  const Prepare there = [](Driver& d) {
    kTwo(d);
    d.run(move_pages({kArea}, {}, {1}));
  };
  EXPECT_EQ(statuses(k5_10, there, 1), "1") << "nothing to move";
  EXPECT_EQ(broken(k5_10, kTwo, move_pages({kArea, kArea + P}, {1, 0}, {0, 7}), 0), "move_pages.status-moved")
      << "a run before the last";
  EXPECT_EQ(broken(k5_10, kTwo, move_pages({kArea, kArea + P}, {1, 0}, {1, 7}), 0), "");
  const Prepare moved = [](Driver& d) {
    kTwo(d);
    d.run(move_pages({kArea, kArea + P}, {1, 1}, {1, 1}));
  };
  EXPECT_EQ(statuses(k5_10, moved, -1), "0 1 EFAULT") << "what was not written teaches nothing";
  EXPECT_EQ(statuses({6, 1, 0}, moved, -1), "1 ENOENT");
}

// A run of pages that were queued and did not all move has no status, nor has what comes after it. A page
// that needs no move is not queued, and ends the run before it.
TEST(MovePagesStatus, OfTheEntriesBeforeTheRunThatFailed) {
  const auto says = [](Version v, std::vector<std::int32_t> nodes, std::vector<std::int32_t> status,
                       std::int64_t left, const Prepare& setup = kTwo) {
    const std::vector<Address> pages = {kArea, kArea + P, kArea + 2 * P};
    return broken(v, setup, move_pages(pages, std::move(nodes), std::move(status)), left);
  };
  constexpr Version k5_10{5, 10, 0};
  EXPECT_EQ(says(k6_18, {1, 1, 0}, {1, 7, 7}, 1), "move_pages.status-moved")
      << "one page of the last run is left";
  EXPECT_EQ(says(k6_18, {1, 1, 0}, {1, 1, 7}, 1), "");
  EXPECT_EQ(says(k6_18, {1, 1, 0}, {7, 7, 7}, 2), "") << "one of the first run, and the third";
  EXPECT_EQ(says(k6_18, {1, 0, 1}, {7, 7, 7}, 2), "move_pages.status-moved") << "the second failed";
  EXPECT_EQ(says(k6_18, {1, 0, 1}, {1, 7, 7}, 2), "");
  EXPECT_EQ(says(k6_18, {1, 0, 1}, {7, 7, 7}, 3), "");
  EXPECT_EQ(says(k5_10, {1, 0, 1}, {7, 7, 7}, 1), "move_pages.status-moved") << "the same, one less";
  EXPECT_EQ(says(k5_10, {1, 0, 1}, {7, 7, 7}, 2), "");
  EXPECT_EQ(says({5, 6, 0}, {1, 0, 1}, {7, 7, 7}, 1), "move_pages.status-moved");
  EXPECT_EQ(says({5, 5, 0}, {1, 0, 1}, {7, 7, 7}, 1), "") << "what was not tried is not counted";
  const Prepare placed = [](Driver& d) {
    kTwo(d);
    d.run(move_pages({kArea + P}, {}, {1}));
  };
  EXPECT_EQ(says(k5_10, {1, 1, 1}, {7, 1, 7}, 0, placed), "move_pages.status-moved")
      << "the second needs no move, the first is no part of the last run";
  EXPECT_EQ(says(k5_10, {1, 1, 1}, {1, 1, 7}, 0, placed), "");
  EXPECT_EQ(says(k5_10, {1, 1, 1}, {7, 7, 7}, 0), "");
}

TEST(MovePagesStatus, NodesThatThereAreNot) {
  EXPECT_EQ(statuses(k6_18, kTwo, -1), "0 1 ENOENT EFAULT");
  EXPECT_EQ(broken(k6_18, kTwo, move_pages({kArea}, {}, {7}), 0), "move_pages.status-node");
  EXPECT_EQ(broken(k6_18, kTwo, move_pages({kArea}, {1}, {0}), 0), "move_pages.status-moved");
  // Without the header's list, a node mask that was long enough bounds the nodes.
  const Prepare learnt = [](Driver& d) {
    kTwo(d);
    d.world.profile.host.nodes.reset();
    d.run(Sys::get_mempolicy, {0, kArea, 8, 0, 0}, 0);
  };
  EXPECT_EQ(broken(k6_18, learnt, move_pages({kArea}, {}, {9}), 0), "move_pages.status-node");
  EXPECT_EQ(broken(k6_18, learnt, move_pages({kArea}, {}, {7}), 0), "");
}

// "A page reported on node 1 is present on node 1 until something may have moved it."
Prepare reported(
    std::int32_t node, std::function<void(Driver&)> then = [](Driver&) {}) {
  return [=](Driver& d) {
    kTwo(d);
    d.run(move_pages({kArea}, {}, {node}));
    then(d);
  };
}

TEST(MovePagesKnowledge, AReportHolds) {
  EXPECT_EQ(statuses(k6_18, reported(1), -1), "1");
  EXPECT_EQ(statuses(k6_18, reported(1), 1), "1") << "it is there";
  EXPECT_EQ(statuses(k6_18, reported(1), 0), "0 EACCES EBUSY");
  EXPECT_EQ(broken(k6_18, reported(1), move_pages({kArea}, {}, {0}), 0), "move_pages.status-same");
}

// A page that lies where a huge page may, in an area of several.
std::string reported_in_a_huge_area(Version v, PageState s = anonymous()) {
  constexpr std::uint64_t kHugePages = 512;
  const Prepare setup = [=](Driver& d) {
    area(s, 2 * kHugePages)(d);
    d.world.learned.numa_answers = true;
    d.run(move_pages({kArea + P}, {}, {0}));
  };
  return statuses(v, setup, -1, kMove, kArea + P);
}

TEST(MovePagesKnowledge, ASplitHugePageMayLeaveTheZeroPage) {
  EXPECT_EQ(reported_in_a_huge_area({6, 11, 0}), "0");
  EXPECT_EQ(reported_in_a_huge_area({6, 12, 0}), "0 EFAULT");
  EXPECT_EQ(reported_in_a_huge_area({6, 12, 0}, with(anonymous(), kLocked)), "0") << "not of locked memory";
  EXPECT_EQ(statuses({6, 12, 0}, reported(1), -1), "1") << "too small for a huge page";
}

TEST(MovePagesKnowledge, AHugePageUnderMigrationIsAHole) {
  const auto seen = [](Version v, std::uint64_t pages) {
    const Prepare setup = [=](Driver& d) {
      area(anonymous(), pages)(d);
      d.world.learned.numa_answers = true;
      d.world.profile.host.swap_kib = 0;
      d.run(move_pages({kArea}, {}, {0}));
      d.world.profile.take_fact("migrates", "within");
    };
    return statuses(v, setup, -1);
  };
  constexpr std::uint64_t kTwoHugePages = 1024;
  EXPECT_EQ(seen({6, 1, 0}, kTwoHugePages), "0 ENOENT EFAULT");
  EXPECT_EQ(seen({6, 12, 0}, 4), "0 ENOENT") << "too small for a huge page";
  EXPECT_EQ(seen({4, 13, 0}, kTwoHugePages), "0 ENOENT") << "huge pages were split to be moved";
}

TEST(MovePagesKnowledge, UnderMigrationByTheKernelItselfAPageIsAbsent) {
  EXPECT_EQ(
      statuses(k6_18, reported(1, [](Driver& d) { d.world.profile.take_fact("migrates", "within"); }), -1),
      "1 ENOENT");
  EXPECT_EQ(statuses(k6_18, reported(1, [](Driver& d) { d.world.profile.take_fact("migrates", "no"); }), -1),
            "1");
}

TEST(MovePagesKnowledge, UntilSomethingMovesIt) {
  const auto after = [](std::function<void(Driver&)> then) { return statuses(k6_18, reported(1, then), -1); };
  EXPECT_EQ(after([](Driver& d) { d.run(move_pages({kArea}, {0}, {0})); }), "0");
  EXPECT_EQ(after([](Driver& d) { d.run(move_pages({kArea + P}, {0}, {0})); }), "0 1")
      << "a huge page moves whole";
  EXPECT_EQ(after([](Driver& d) { d.run(Sys::madvise, {kArea, P, 4}, 0); }), "0 1 ENOENT EFAULT");
  EXPECT_EQ(after([](Driver& d) { d.run(Sys::madvise, {kArea + P, P, 4}, 0); }), "1") << "another page";
  EXPECT_EQ(after([](Driver& d) { d.run(Sys::fork, {}, 2); }), "0 1") << "either side may get the copy";
  EXPECT_EQ(after([](Driver& d) { d.run(Sys::munmap, {kArea, P}, 0); }), "EFAULT");
  EXPECT_EQ(after([](Driver& d) {
              Call c = call_of(Sys::migrate_pages, {0, 65, kArea, kArea}, 0);
              c.mask = list<std::uint64_t>({2});
              c.mask2 = list<std::uint64_t>({1});
              d.run(c);
            }),
            "0 1");
  EXPECT_EQ(after([](Driver& d) {
              for (int i = 0; i < 100; ++i) d.run(Sys::madvise, {kArea + 2 * P, P, 0}, 0);
            }),
            "0 1")
      << "NUMA balancing, in time";
}

TEST(MovePagesKnowledge, SwapTakesPagesAway) {
  const Prepare s = reported(1, [](Driver& d) { d.world.profile.host.swap_kib = 1024; });
  EXPECT_EQ(statuses(k6_18, s, -1), "1 ENOENT EFAULT");
}

TEST(MovePagesKnowledge, PopulatedMemoryIsPresent) {
  const Prepare s = [](Driver& d) {
    kOne(d);
    d.run(Sys::madvise, {kArea, P, 23}, 0);
  };
  EXPECT_EQ(statuses(k6_18, s, -1), "0");
}

TEST(MovePagesKnowledge, AfterAForkAStoreMayCopyThePageElsewhereAlsoWhenTheChildIsGone) {
  const auto after = [](std::function<void(Driver&)> then) { return statuses(k6_18, reported(1, then), -1); };
  const auto query = [](Driver& d) { d.run(move_pages({kArea}, {}, {1})); };
  const auto fork_and_query = [&](Driver& d) { d.run(Sys::fork, {}, 2), query(d); };
  EXPECT_EQ(after(query), "1");
  EXPECT_EQ(after(fork_and_query), "0 1");
  EXPECT_EQ(after([&](Driver& d) { fork_and_query(d), d.world.exited(2); }), "0 1");
  EXPECT_EQ(after([&](Driver& d) { fork_and_query(d), d.world.exited(2), query(d); }), "0 1");
  EXPECT_EQ(after([&](Driver& d) {  // a grandchild has it as well
              d.run(Sys::fork, {}, 2), d.run(Sys::fork, {}, 3, 2), d.world.exited(2), query(d);
            }),
            "0 1");
  EXPECT_EQ(after([&](Driver& d) {  // one that came and went while the pages were asked for
              d.run(Sys::clone, {0x10f00}, 4);
              d.begin(move_pages({kArea}, {}, {}), 4);
              d.run(Sys::fork, {}, 2), d.world.exited(2);
              d.end(move_pages({kArea}, {}, {1}), 4);
            }),
            "0 1");
}

TEST(MovePagesKnowledge, AReportIsAsOldAsTheCallThatMadeIt) {
  const auto after = [](std::int64_t begin_ns) {
    const Prepare setup = [=](Driver& d) {
      kTwo(d);
      Call c = move_pages({kArea}, {}, {1});
      c.out = {0, Outcome::State::returned};
      end_call(d.world, {1, 0, 1001, 1002, 2'000'000'000, 0, begin_ns}, c);
    };
    std::string text;
    for (const std::int32_t status : {0, 1}) {
      Driver d(k6_18);
      setup(d);
      Call c = move_pages({kArea}, {}, {status});
      c.out = {0, Outcome::State::returned};
      const Verdict v = end_call(d.world, {1, 0, 1003, 1004, 2'001'000'000, 0, 2'000'500'000}, c);
      text += v.kind == Verdict::Kind::conforms ? std::to_string(status) : "";
    }
    return text;
  };
  EXPECT_EQ(after(1'999'000'000), "1");
  EXPECT_EQ(after(1'000'000'000), "01") << "for a second, balancing may have moved the page";
}

TEST(MovePagesKnowledge, WhereTheKernelBalancesNoNodeIsRemembered) {
  const Prepare balanced = [](Driver& d) {
    kTwo(d);
    d.world.profile.take_fact("migrates", "across");
    d.run(move_pages({kArea}, {}, {1}));
  };
  EXPECT_EQ(statuses(k6_18, balanced, -1), "0 1 ENOENT");
}

TEST(MovePagesKnowledge, AnEntryBeforeMayHaveMovedThePage) {
  const Call c = move_pages({kArea, kArea}, {0, 1}, {0, -EBUSY});
  EXPECT_EQ(broken(k6_18, reported(1), c, 0), "");
  EXPECT_EQ(broken(k6_18, reported(1), move_pages({kArea, kArea}, {1, 1}, {1, -EBUSY}), 0),
            "move_pages.status-error");
}

// A capture whose header tells nothing of the machine.
Prepare bare(std::function<void(Driver&)> then) {
  return [=](Driver& d) {
    kOne(d);
    d.world.profile.host = {};
    then(d);
  };
}

TEST(MovePagesWithoutHeader, ANodeThatWasRefusedStaysRefused) {
  const auto refused = [](std::vector<std::int32_t> nodes) {
    return bare([=](Driver& d) {
      std::vector<std::uint64_t> pages(nodes.size(), kArea);
      Call c = move_pages(pages, nodes, {});
      c.out = {-ENODEV, Outcome::State::returned};
      d.run(c);
    });
  };
  EXPECT_EQ(broken(k6_18, bare([](Driver&) {}), move_pages({kArea}, {3}, {3}), 0), "");
  EXPECT_EQ(broken(k6_18, refused({3}), move_pages({kArea}, {3}, {3}), 0), "move_pages.node");
  EXPECT_EQ(broken(k6_18, refused({3}), move_pages({kArea}, {}, {3}), 0), "move_pages.status-node");
  EXPECT_EQ(broken(k6_18, refused({3}), move_pages({kArea}, {2}, {2}), 0), "");
  EXPECT_EQ(broken(k6_18, refused({2, 3}), move_pages({kArea}, {3}, {3}), 0), "") << "it may have been 2";
}

TEST(MovePagesWithoutHeader, AProgramsOwnPagesAreOnNodesThatItsCpusetAllows) {
  const Prepare shown = bare([](Driver& d) {
    Call c = call_of(Sys::get_mempolicy, {0, kNodes, 1024, 0, 4}, 0);
    c.mask = list<std::uint64_t>({3});
    d.run(c);
  });
  EXPECT_EQ(statuses(k6_18, shown, -1), "0 1 ENOENT EFAULT");
  EXPECT_EQ(statuses(k6_18, bare([](Driver&) {}), -1), "0 1 2 3 ENOENT EFAULT");
}

TEST(MovePagesOverlap, AnotherThreadMayBeMovingThePage) {
  const auto verdict = [](std::int32_t status) {
    Driver d(k6_18);
    reported(1)(d);
    d.run(Sys::clone, {0x10f00}, 2);
    d.begin(move_pages({kArea}, {0}, {}), 2);
    return text_of(d.run(move_pages({kArea}, {}, {status})));
  };
  EXPECT_EQ(verdict(0), "conforms");
  EXPECT_EQ(verdict(1), "conforms");
  EXPECT_EQ(verdict(-ENOENT), "conforms") << "for a moment it is not there";
  EXPECT_EQ(verdict(5), "diverges move_pages.status-node");
}

}  // namespace
}  // namespace ringtail::kernel
