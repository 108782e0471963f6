// SPDX-License-Identifier: GPL-2.0-or-later
// Overlapping calls of which no order explains all.
#include <gtest/gtest.h>

#include "tests/kernel/aio_calls.h"
#include "tests/kernel/orders_calls.h"

namespace ringtail::kernel {
namespace {

using namespace orders_tests;

// Threads 1, 2 and 3 in one address space; at A 4 pages rw, the rest free.
struct InOrder : testing::Test {
  InOrder() { furnish(d); }
  static void furnish(Driver& d) {
    d.world.begin_map(1);
    d.run(Sys::mmap, {A, 4 * P, RW, FIXED, ~0ull, 0}, A);
    d.run(Sys::clone, {VM, 0, 0, 0, 0}, 2);
    d.run(Sys::clone, {VM, 0, 0, 0, 0}, 3);
  }
  // What fits into no order, one after the other.
  std::string misfits() {
    std::string text;
    for (const Misfit& m : d.world.orders.misfits())
      text += fmt::format("{}{} of {}: {}", text.empty() ? "" : ", ", name_of(m.call.sys), m.when.tid,
                          m.verdict.rule->name);
    return text;
  }
  PageState at(std::uint64_t a) { return d.world.find(1)->mm->space.at(a); }
  Driver d;
};

TEST_F(InOrder, TwoMappingsAreNotPutInOnePlace) {
  d.begin(map(B), 1);
  EXPECT_EQ(text_of(d.run(map(B), 2)), "conforms");  // by itself it is fine
  d.end(map(B), 1);
  ASSERT_EQ(misfits(), "mmap of 1: mmap.address-free");
  EXPECT_EQ(d.world.orders.misfits()[0].verdict.beside.size(), 2u);
}

TEST_F(InOrder, OneOfTwoGetsTheFreePlace) {
  const std::int64_t b = B;
  struct Row {
    std::int64_t first, second;
    const char* expected;
  };
  const Row kRows[] = {{b, kEexist, ""},
                       {kEexist, b, ""},
                       {b, b, "mmap of 1: mmap.fixed-noreplace"},
                       {kEexist, kEexist, "mmap of 2: mmap.result"}};
  for (const Row& r : kRows) {
    d = Driver();
    furnish(d);
    d.begin(map_free(B, 0), 1);
    d.run(map_free(B, r.second), 2);
    d.end(map_free(B, r.first), 1);
    EXPECT_EQ(misfits(), r.expected) << r.first << ' ' << r.second;
    if (misfits().empty()) {
      EXPECT_EQ(at(B).test(kMapped), Tri::yes);
    }
  }
}

TEST_F(InOrder, ABreakThatMeetsNoOtherCallIsWhereTheNextStarts) {
  const std::uint64_t heap = 0x30000000;
  const auto up = [&](std::uint64_t pages) {
    return call_of(Sys::brk, {heap + pages * P}, static_cast<std::int64_t>(heap + pages * P));
  };
  d.run(Sys::brk, {0}, heap);
  d.begin(munmap(A), 1);
  d.run(protect(A, 0), 2);
  d.run(up(4), 2);  // has to do with none of the group
  d.begin(map(B), 3);
  d.run(up(8), 2);  // the mapping might have landed there
  d.end(map(B), 3);
  d.end(munmap(A), 1);
  EXPECT_EQ(misfits(), "");
  EXPECT_EQ(d.world.find(1)->mm->brk, heap + 8 * P);
}

TEST_F(InOrder, WhatWasGoneDoesNotComeBack) {
  d.begin(munmap(A), 1);
  d.run(protect(A, kEnomem), 2);
  d.run(protect(A, 0), 2);
  d.end(munmap(A), 1);
  EXPECT_EQ(misfits(), "mprotect of 2: mprotect.hole");
}

TEST_F(InOrder, WhatEveryOrderLeavesIsKnown) {
  d.begin(munmap(A), 1);
  d.run(map(A), 2);
  d.end(munmap(A), 1);
  EXPECT_EQ(misfits(), "");
  EXPECT_EQ(at(A).test(kMapped), Tri::yes);
  EXPECT_EQ(at(A).test(kWrite), Tri::yes);
  EXPECT_EQ(d.world.orders.tried, 1u);
}

TEST_F(InOrder, WhatOrdersDisagreeOnIsNotKnown) {
  d.begin(protect(A, 0), 1);
  d.run(Sys::mprotect, {A, 4 * P, RW}, 0, 2);
  d.end(protect(A, 0), 1);
  EXPECT_EQ(at(A).test(kWrite), Tri::maybe);
  EXPECT_EQ(at(A).test(kMapped), Tri::yes);
}

TEST_F(InOrder, AMappingElsewhereExplainsNothing) {
  d.begin(map(B), 1);
  EXPECT_EQ(text_of(d.run(protect(B + 64 * P, 0), 2)), "conforms");  // it might have landed there
  d.end(map(B), 1);
  EXPECT_EQ(misfits(), "mprotect of 2: mprotect.hole");
}

TEST_F(InOrder, BreaksThatOverlapAreTold) {
  const std::uint64_t heap = 0x30000000;
  d.world.sees_exec = true;  // so that a break of 0 is a question only
  d.run(Sys::brk, {0}, heap);
  const Call up = call_of(Sys::brk, {heap + 4 * P}, static_cast<std::int64_t>(heap + 4 * P));
  d.begin(up, 1);
  d.run(Sys::brk, {0}, heap + 4 * P, 2);
  d.end(up, 1);
  EXPECT_EQ(misfits(), "");
  EXPECT_EQ(d.world.find(1)->mm->brk, heap + 4 * P);
  d.begin(up, 1);
  d.run(Sys::brk, {0}, heap + P, 2);
  d.end(up, 1);
  EXPECT_EQ(misfits(), "brk of 2: brk.below-start");
}

TEST_F(InOrder, ABreakTakesAwayWhatAnAdviceIsFor) {
  const std::uint64_t heap = 0x30000000;
  d.world.sees_exec = true;
  d.run(Sys::brk, {0}, heap);
  d.run(Sys::brk, {heap + 3 * P}, heap + 3 * P);
  d.run(munmap(heap, 1));  // so that the break might stay where it is
  d.begin(advise(heap + P, 4, 0, 1), 1);
  EXPECT_EQ(text_of(d.run(Sys::brk, {heap}, heap, 2)), "conforms");
  EXPECT_EQ(text_of(d.end(advise(heap + P, 4, 0, 1), 1)), "conforms");
  EXPECT_EQ(text_of(d.run(advise(heap + P, 4, 0, 1))), "diverges madvise.hole");
  EXPECT_EQ(misfits(), "");
}

TEST_F(InOrder, AQuestionBesideAnotherLeavesTheBreakKnown) {
  const std::uint64_t heap = 0x30000000;
  d.world.sees_exec = true;
  d.run(Sys::brk, {0}, heap);
  const Call ask = call_of(Sys::brk, {0}, heap);
  d.begin(ask, 1);
  d.run(ask, 2);
  d.end(ask, 1);
  EXPECT_EQ(d.world.find(1)->mm->brk, heap);
  EXPECT_EQ(text_of(d.run(protect(heap + 64 * P, 0))), "diverges mprotect.hole");
}

TEST_F(InOrder, ContextsDoNotShareARing) {
  using namespace aio_tests;
  d.begin(setup_call(8, B), 1);
  EXPECT_EQ(text_of(d.run(setup_call(8, B), 2)), "conforms");
  d.end(setup_call(8, B), 1);
  EXPECT_EQ(misfits(), "io_setup of 1: io_setup.mapped");
}

TEST_F(InOrder, ARingMayStandWhereADestroyedOneStood) {
  using namespace aio_tests;
  d.run(setup_call(8, B));
  d.begin(destroy_call(B), 1);
  EXPECT_EQ(text_of(d.run(map(B, 1), 2)), "conforms");
  d.end(destroy_call(B), 1);
  EXPECT_EQ(misfits(), "");
  EXPECT_EQ(at(B).test(kAioRing), Tri::no);
  EXPECT_EQ(at(B).test(kMapped), Tri::yes);
}

TEST_F(InOrder, ACallThatIsNotAtomicSpoilsThem) {
  d.begin(map(B), 1);
  d.run(map(B), 2);
  d.run(Sys::mlockall, {1}, 0, 3);
  d.end(map(B), 1);
  EXPECT_EQ(misfits(), "");
  EXPECT_EQ(d.world.orders.left, 1u);
}

// Policies are the blurring's business; but VMAs are cut where they change.
TEST_F(InOrder, PoliciesMatterToWhatAsksForOneVma) {
  const Call bind = call_of(Sys::mbind, {A, P, 0, 0, 0, 0}, 0);
  d.begin(map(B), 1);
  d.begin(bind, 3);
  d.run(map(B), 2);
  d.end(map(B), 1);
  EXPECT_EQ(misfits(), "mmap of 1: mmap.address-free");
  d.end(bind, 3);
  EXPECT_EQ(d.world.orders.left, 0u);
  d.begin(munmap(A + 3 * P, 1), 1);
  d.begin(bind, 3);
  d.run(Sys::mremap, {A, 4 * P, 8 * P, 1, 0}, -14, 2);
  d.end(munmap(A + 3 * P, 1), 1);
  d.end(bind, 3);
  EXPECT_EQ(d.world.orders.left, 1u);
}

TEST_F(InOrder, SoDoesOneWhoseEndIsNotSeen) {
  d.begin(map(B), 1);
  d.begin(munmap(B), 3);
  d.run(map(B), 2);
  end_thread(d.world, 3, 1000);
  d.end(map(B), 1);
  EXPECT_EQ(misfits(), "");
}

// But not one that has nothing to do with mappings.
TEST_F(InOrder, OthersAreNoHindrance) {
  d.begin(map(B), 1);
  d.begin(call_of(Sys::madvise, {A, P, 4}, 0), 3);
  d.run(map(B), 2);
  d.end(map(B), 1);
  EXPECT_EQ(misfits(), "mmap of 1: mmap.address-free");
}

// The kernel rounds this length to none, or refuses it: what it touches is not for us to say.
TEST_F(InOrder, SoDoesAnAbsurdLength) {
  d.begin(call_of(Sys::mremap, {A, 0 - P, P, 3, B}, -22), 1);
  d.run(munmap(A), 2);
  d.end(call_of(Sys::mremap, {A, 0 - P, P, 3, B}, -22), 1);
  EXPECT_EQ(misfits(), "");
  EXPECT_EQ(d.world.orders.left, 1u);
}

// What calls see of mappings that are not atomic: each by itself may have come before or after.
TEST_F(InOrder, WhatWasGoneIsNotSeenAgain) {
  const Call kSeers[] = {advise(A, 4, 0), advise(A, 8, 0),     advise(A, 21, 0),
                         advise(A, 3, 0), advise(A, 23, 0),    locate({A, A + P}, {0, 0}),
                         bind(A, 0),      policy_at(A + 2 * P)};
  for (const Call& seer : kSeers) {
    for (const bool before : {true, false}) {
      d = Driver();
      furnish(d);
      d.begin(munmap(A), 1);
      const auto see = [&] { EXPECT_EQ(text_of(d.run(seer, 3)).substr(0, 8), "conforms"); };
      if (before) see();
      EXPECT_EQ(text_of(d.run(protect(A, kEnomem), 2)), "conforms");
      if (!before) see();
      d.end(munmap(A), 1);
      EXPECT_EQ(misfits(), before ? "" : std::string(name_of(seer.sys)) + " of 3: overlap.seen");
    }
  }
}

TEST_F(InOrder, AHoleIsSeenToo) {
  for (const bool twice : {false, true}) {
    d = Driver();
    furnish(d);
    d.begin(munmap(A), 1);
    EXPECT_EQ(text_of(d.run(advise(A, 4, kEnomem), 3)), "conforms");
    if (twice) {
      EXPECT_EQ(text_of(d.run(advise(A, 4, 0), 3)), "conforms");
    }
    d.end(munmap(A), 1);
    EXPECT_EQ(misfits(), twice ? "madvise of 3: overlap.seen" : "");
    EXPECT_EQ(d.world.orders.left, 0u);
  }
}

// A long one that looks may begin before the others, and end after them.
TEST_F(InOrder, ThoseThatLookAreWaitedFor) {
  for (const int wrong : {0, 1, 2}) {
    d = Driver();
    furnish(d);
    const Call seer = locate({A, A + 4 * P}, {wrong == 1 ? -14 : 0, wrong == 2 ? -14 : 0});
    d.begin(seer, 3);
    d.run(munmap(A), 1);
    d.run(map(A + 4 * P), 1);
    d.end(seer, 3);
    // A before it went, then what came later; or the other way round, which nothing explains.
    EXPECT_EQ(misfits(), "");
    EXPECT_EQ(at(A).test(kMapped), Tri::no);
    EXPECT_EQ(at(A + 4 * P).test(kMapped), Tri::yes);
  }
  d = Driver();
  furnish(d);
  const Call seer = locate({A + 4 * P, A}, {0, 0});
  d.begin(seer, 3);
  d.run(munmap(A), 1);
  d.run(map(A + 4 * P), 1);
  d.end(seer, 3);
  EXPECT_EQ(misfits(), "move_pages of 3: overlap.seen");
}

// Page after page: the first half before it went, the second half after it came.
TEST_F(InOrder, AnAdviceLooksAtOneMappingAfterTheOther) {
  for (const bool first_half : {true, false}) {
    d = Driver();
    furnish(d);
    d.run(munmap(A + 2 * P, 2));
    const Call seer = advise(A, 23, 0);
    d.begin(seer, 3);
    if (first_half) {
      d.run(munmap(A, 2), 1);
      d.run(map(A + 2 * P, 2), 1);
    } else {
      d.run(map(A + 2 * P, 2), 1);
      d.run(munmap(A + 2 * P, 2), 1);
      d.run(munmap(A, 2), 1);
      d.run(map(A, 2), 1);
    }
    d.end(seer, 3);
    EXPECT_EQ(misfits(), "");
  }
  // mbind looks at all of it at once.
  d = Driver();
  furnish(d);
  d.run(munmap(A + 2 * P, 2));
  d.begin(bind(A, 0), 3);
  d.run(munmap(A, 2), 1);
  d.run(map(A + 2 * P, 2), 1);
  d.end(bind(A, 0), 3);
  EXPECT_EQ(misfits(), "mbind of 3: overlap.seen");
}

// A policy that was set while the group waited is not the one that its calls left.
TEST_F(InOrder, WhatIsWaitedForDoesNotSetPoliciesBack) {
  const Call seer = locate({A}, {0});
  Call other = bind(A, 0);
  other.arg[2] = Word::of(1);  // MPOL_PREFERRED
  d.begin(seer, 3);
  d.run(munmap(A), 1);
  d.run(map(A), 1);
  d.begin(bind(A, 0), 1);
  d.run(other, 2);
  d.end(bind(A, 0), 1);
  EXPECT_EQ(at(A).policy, VmaPolicies::kUnknown);
  d.end(seer, 3);
  EXPECT_EQ(at(A).policy, VmaPolicies::kUnknown);
}

// What somebody saw who was there before the group is no evidence within the next.
TEST_F(InOrder, WhatWasSeenLongAgoIsNotSeenNow) {
  const Call seer = locate({A}, {0});
  d.begin(seer, 3);
  d.run(munmap(A), 1);
  d.run(Sys::mlockall, {1}, 0, 2);  // ends that group
  d.begin(map(B), 1);
  d.run(protect(A, kEnomem), 2);
  d.end(seer, 3);
  d.end(map(B), 1);
  EXPECT_EQ(misfits(), "");
}

// A thread that turned out to be of this process, or may have been, did what no group has noted.
TEST_F(InOrder, AChildOfOneOfTwoCallsMayHaveMappedItAgain) {
  enum class Maps { no, and_goes, and_stays };
  for (const Maps how : {Maps::no, Maps::and_goes, Maps::and_stays}) {
    d = Driver();
    furnish(d);
    d.run(Sys::fork, {}, 9, 3);
    const Call clone = call_of(Sys::clone, {VM, 0, 0, 0, 0}, 5), fork = call_of(Sys::fork, {}, 6);
    d.begin(munmap(A), 1);
    d.run(advise(A, 4, kEnomem), 2);
    d.begin(clone, 2);
    d.begin(fork, 9);
    if (how != Maps::no) d.run(Sys::mmap, {A, 4 * P, RW, FIXED, ~0ull, 0}, A, 5);
    if (how == Maps::and_goes) d.world.exited(5);
    d.end(clone, 2);
    d.end(fork, 9);
    d.run(advise(A, 4, 0), 3);
    d.end(munmap(A), 1);
    EXPECT_EQ(misfits(), how == Maps::no ? "madvise of 3: overlap.seen" : "");
  }
}

// Any of them may be the first; that is five orders to look at, and not a hundred and twenty.
TEST_F(InOrder, NorAreFive) {
  for (int tid = 4; tid < 6; ++tid) d.run(Sys::clone, {VM, 0, 0, 0, 0}, tid);
  for (int tid = 1; tid < 6; ++tid) d.begin(map(B), tid);
  for (int tid = 1; tid < 6; ++tid) EXPECT_EQ(text_of(d.end(map(B), tid)), "conforms");
  EXPECT_EQ(misfits(), "mmap of 2: mmap.address-free");
  EXPECT_EQ(d.world.orders.left, 0u);
}

TEST_F(InOrder, TooManyAreLeftToTheBlurring) {
  constexpr int kMany = Orders::kMostCalls + 2;
  for (int tid = 4; tid < kMany; ++tid) d.run(Sys::clone, {VM, 0, 0, 0, 0}, tid);
  for (int tid = 1; tid < kMany; ++tid) d.begin(map(B), tid);
  for (int tid = 1; tid < kMany; ++tid) d.end(map(B), tid);
  EXPECT_EQ(misfits(), "");
  EXPECT_EQ(d.world.orders.left, 1u);
}

}  // namespace
}  // namespace ringtail::kernel
