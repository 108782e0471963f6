// SPDX-License-Identifier: GPL-2.0-or-later
// Overlapping calls of which no order explains all: rows, and random programs against an enumerator that
// plays every order on an array of pages.
#include <algorithm>
#include <array>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/kernel/aio_calls.h"
#include "tests/kernel/drive.h"
#include "tests/kernel/explainable.h"

namespace ringtail::kernel {
namespace {

constexpr std::uint64_t A = 0x10000000, B = 0x20000000, P = 4096;
constexpr std::uint64_t RW = 3, ANON = 0x22, FIXED = 0x32, NOREPLACE = 0x100022, VM = 0x10f00;
constexpr std::int64_t kEnomem = -12, kEfault = -14, kEexist = -17;

Call munmap(std::uint64_t at, std::uint64_t pages = 4) { return call_of(Sys::munmap, {at, pages * P}, 0); }
Call protect(std::uint64_t at, std::int64_t result, std::uint64_t pages = 4) {
  return call_of(Sys::mprotect, {at, pages * P, 1}, result);
}
Call map(std::uint64_t result, std::uint64_t pages = 4) {
  return call_of(Sys::mmap, {0, pages * P, RW, ANON, ~0ull, 0}, static_cast<std::int64_t>(result));
}
Call map_free(std::uint64_t at, std::int64_t result, std::uint64_t pages = 4) {
  return call_of(Sys::mmap, {at, pages * P, RW, NOREPLACE, ~0ull, 0}, result);
}

Call advise(std::uint64_t at, int advice, std::int64_t result, std::uint64_t pages = 4) {
  return call_of(Sys::madvise, {at, pages * P, static_cast<std::uint64_t>(advice)}, result);
}
// move_pages: where are these pages?
Call locate(const std::vector<std::uint64_t>& pages, const std::vector<std::int32_t>& status) {
  Call c = call_of(Sys::move_pages, {0, pages.size(), 0x1000, 0, 0x2000, 0}, 0);
  c.pages.items = pages;
  c.status.items = status;
  c.pages.state = List<std::uint64_t>::State::complete;
  c.status.state = List<std::int32_t>::State::complete;
  return c;
}
Call bind(std::uint64_t at, std::int64_t result, std::uint64_t pages = 4) {
  Call c = call_of(Sys::mbind, {at, pages * P, 2, 0x1000, 64, 0}, result);
  c.mask.items = {1};
  c.mask.state = List<std::uint64_t>::State::complete;
  return c;
}
Call policy_at(std::uint64_t at) {
  Call c = call_of(Sys::get_mempolicy, {0x1000, 0, 0, at, 2}, 0);
  c.outs.items = {0};
  c.outs.state = List<std::uint64_t>::State::complete;
  return c;
}

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

// --- random programs

constexpr int kPages = 5;
using Pages = std::array<bool, kPages + 8>;  // mapped; those beyond are for mappings that find no room

struct Act {
  // munmap, mprotect, MADV_DONTFORK, mmap at a free place, mmap anywhere; mbind; MADV_DONTNEED, MADV_WILLNEED
  // and move_pages of a page
  int kind = 0;
  int page = 0, count = 1;
  int tid = 0;
  std::int64_t result = 0;
  int begin = 0, end = 0;  // moments
};

bool all(const Pages& p, int page, int count, bool mapped) {
  return std::all_of(p.begin() + page, p.begin() + page + count, [&](bool b) { return b == mapped; });
}
void fill(Pages& p, int page, int count, bool mapped) {
  std::fill(p.begin() + page, p.begin() + page + count, mapped);
}

// What a call that only looks says of a hole.
std::int64_t hole_seen(int kind) { return kind == 5 || kind == 8 ? kEfault : kEnomem; }

// What the call does, its result being what it is: false when it cannot be.
bool play(const Act& op, Pages& p) {
  switch (op.kind) {
    case 0:
      fill(p, op.page, op.count, false);
      return op.result == 0;
    case 1:
    case 2:
    case 6:
    case 7:
      return op.result == (all(p, op.page, op.count, true) ? 0 : kEnomem);
    case 5:
      return op.result == (all(p, op.page, op.count, true) ? 0 : kEfault);
    case 8:  // whose -EFAULT may be the zero page's
      return op.result != 0 || all(p, op.page, op.count, true);
    case 3:
      if (op.result == kEexist) return !all(p, op.page, op.count, false);
      [[fallthrough]];
    default:
      if (!all(p, op.page, op.count, false)) return false;
      fill(p, op.page, op.count, true);
      return true;
  }
}

Call call_of(const Act& op) {
  const std::uint64_t at = A + static_cast<std::uint64_t>(op.page) * P;
  const auto pages = static_cast<std::uint64_t>(op.count);
  const std::int64_t where = op.result == kEexist ? kEexist : static_cast<std::int64_t>(at);
  switch (op.kind) {
    case 0:
      return munmap(at, pages);
    case 1:
      return protect(at, op.result, pages);
    case 2:
      return kernel::call_of(Sys::madvise, {at, pages * P, 10}, op.result);
    case 3:
      return map_free(at, where, pages);
    case 5:
      return bind(at, op.result, pages);
    case 6:
      return advise(at, 4, op.result, pages);
    case 7:
      return advise(at, 3, op.result, pages);
    case 8:
      return locate({at}, {static_cast<std::int32_t>(op.result)});
    default:
      return map(at, pages);
  }
}

struct Program {
  Pages start{};
  std::vector<Act> ops;
};

// Two to four threads of up to three calls each, at random moments; the results are those of a true run, in
// which each call takes effect at some moment of its own, but for one that may be wrong.
Program any_program() {
  Program g;
  for (int i = 0; i < kPages; ++i) g.start[static_cast<std::size_t>(i)] = *rc::gen::arbitrary<bool>();
  struct Live {
    int left = 0, phase = 0;  // 0: between calls, 1: begun, 2: done
    std::size_t op = 0;
  };
  std::vector<Live> threads(static_cast<std::size_t>(*rc::gen::inRange(2, 5)));
  for (Live& t : threads) t.left = *rc::gen::inRange(1, 4);
  Pages now = g.start;
  int spare = kPages;
  for (int moment = 1;; ++moment) {
    std::vector<std::size_t> can;
    for (std::size_t i = 0; i < threads.size(); ++i)
      if (threads[i].left || threads[i].phase) can.push_back(i);
    if (can.empty() || (g.ops.size() >= 7 && std::all_of(can.begin(), can.end(), [&](std::size_t i) {
                          return threads[i].phase == 0;
                        })))
      break;
    const std::size_t i = *rc::gen::elementOf(can);
    Live& t = threads[i];
    if (t.phase == 0) {
      if (g.ops.size() >= 7) continue;
      Act op;
      op.kind = *rc::gen::inRange(0, 9);
      op.page = *rc::gen::inRange(0, kPages);
      op.count = op.kind >= 6 ? 1 : *rc::gen::inRange(1, std::min(3, kPages - op.page) + 1);
      op.tid = static_cast<int>(i) + 1;
      op.begin = moment;
      t.op = g.ops.size();
      g.ops.push_back(op);
      --t.left;
    } else if (t.phase == 1) {
      Act& op = g.ops[t.op];
      if (op.kind == 4 && !all(now, op.page, op.count, false)) op.page = spare++, op.count = 1;
      if (op.kind == 3 && !all(now, op.page, op.count, false)) op.result = kEexist;
      if ((op.kind == 1 || op.kind == 2 || op.kind >= 5) && !all(now, op.page, op.count, true))
        op.result = hole_seen(op.kind);
      RC_ASSERT(play(op, now));
    } else {
      g.ops[t.op].end = moment;
    }
    t.phase = (t.phase + 1) % 3;
  }
  if (*rc::gen::arbitrary<bool>()) {
    Act& op = g.ops[*rc::gen::inRange<std::size_t>(0, g.ops.size())];
    if (op.kind == 1 || op.kind == 2 || op.kind >= 5) op.result = op.result ? 0 : hole_seen(op.kind);
    if (op.kind == 3) op.result = op.result ? 0 : kEexist;
    if (op.kind == 4) op.page = *rc::gen::inRange(0, kPages - op.count + 1);
  }
  return g;
}

// Whether the model objects to any call; `left` when orders were left untried.
bool objects(const Program& g, bool& left) {
  Driver d;
  d.world.begin_map(1);
  for (int i = 0; i < kPages; ++i)
    if (g.start[static_cast<std::size_t>(i)])
      d.run(Sys::mmap, {A + static_cast<std::uint64_t>(i) * P, P, RW, FIXED, ~0ull, 0},
            static_cast<std::int64_t>(A) + i * static_cast<std::int64_t>(P));
  for (int tid = 2; tid < 6; ++tid) d.run(Sys::clone, {VM, 0, 0, 0, 0}, tid);
  // One call is there all the time, so that all are one group: what remains of a group is less than its
  // orders.
  d.begin(munmap(B), 5);
  bool found = false;
  const int last = std::max_element(g.ops.begin(), g.ops.end(), [](const Act& a, const Act& b) {
                     return a.end < b.end;
                   })->end;
  const auto note = [&found](const Verdict& v) { found |= v.kind == Verdict::Kind::diverges; };
  for (int moment = 1; moment <= last; ++moment)
    for (const Act& op : g.ops) {
      if (op.begin == moment) d.begin(call_of(op), op.tid);
      if (op.end == moment) note(d.end(call_of(op), op.tid));
    }
  note(d.end(munmap(B), 5));
  left = d.world.orders.left > 0;
  return found || !d.world.orders.misfits().empty();
}

RC_GTEST_PROP(OrdersOfAnything, AreWhatTheEnumeratorAllows, ()) {
  const Program g = any_program();
  const bool explained = explainable(g.ops, g.start, play);
  bool left = false;
  const bool objected = objects(g, left);
  RC_CLASSIFY(left, "left");
  RC_CLASSIFY(!explained, "not explainable");
  for (std::size_t i = 0; i < kPages; ++i)
    if (g.start[i]) RC_LOG() << "page " << i << " is mapped\n";
  for (const Act& op : g.ops)
    RC_LOG() << "thread " << op.tid << " from " << op.begin << " to " << op.end << ": kind " << op.kind
             << " at page " << op.page << ", " << op.count << " pages = " << op.result << '\n';
  if (explained) RC_ASSERT(!objected);
  else if (!left) RC_ASSERT(objected);
}

}  // namespace
}  // namespace ringtail::kernel
