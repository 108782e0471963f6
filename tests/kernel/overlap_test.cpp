// SPDX-License-Identifier: GPL-2.0-or-later
// Calls of several threads that overlap in time: every order that the times allow conforms, what none allows
// diverges.
#include <gtest/gtest.h>

#include "tests/kernel/drive.h"

namespace ringtail::kernel {
namespace {

constexpr std::uint64_t A = 0x10000000, B = 0x20000000, P = 4096;
constexpr std::uint64_t RW = 3, ANON = 0x22, FIXED = 0x32, VM = 0x10f00;
constexpr std::int64_t kEnomem = -12, kEinval = -22;

// Thread 1 and its clone 2 in one address space; at A 4 pages rw, the rest free.
struct Overlap : testing::Test {
  Overlap() { furnish(d); }
  static void furnish(Driver& d) {
    d.world.begin_map(1);
    d.run(Sys::mmap, {A, 4 * P, RW, FIXED, ~0ull, 0}, A);
    d.run(Sys::clone, {VM, 0, 0, 0, 0}, 2);
  }
  static Call munmap(std::uint64_t at) { return call_of(Sys::munmap, {at, 4 * P}, 0); }
  static Call protect(std::int64_t result) { return call_of(Sys::mprotect, {A, 4 * P, 1}, result); }
  static Call map(std::uint64_t result) {
    return call_of(Sys::mmap, {0, 4 * P, RW, ANON, ~0ull, 0}, static_cast<std::int64_t>(result));
  }
  Driver d;
};

TEST_F(Overlap, ThreadsShareTheirMemory) {
  EXPECT_EQ(text_of(d.run(protect(0), 2)), "exactly");
  d.run(munmap(A), 2);
  EXPECT_EQ(text_of(d.run(protect(0), 1)), "diverges mprotect.hole");
}

// Two calls run that may have made thread 9: it maps and is gone before it is known whose it was, and what
// still runs may have come before.
TEST_F(Overlap, WhatAChildDidThatIsGoneMayHaveComeLater) {
  for (const std::int64_t result : {std::int64_t{0}, kEnomem}) {
    Driver e;
    furnish(e);
    const Call shares = call_of(Sys::clone, {0x4111, 0, 0, 0, 0}, 9),
               copies = call_of(Sys::clone, {17, 0, 0, 0, 0}, 8);
    e.run(Sys::clone, {VM, 0, 0, 0, 0}, 3);
    e.begin(shares, 1);
    e.begin(copies, 2);
    e.begin(munmap(A), 3);
    e.run(call_of(Sys::mmap, {A, 4 * P, RW, FIXED, ~0ull, 0}, A), 9);
    end_thread(e.world, 9, 1000);
    EXPECT_EQ(text_of(e.end(munmap(A), 3)), "conforms");
    EXPECT_EQ(text_of(e.run(protect(result), 3)), "conforms") << result;
  }
}

// The break had been moved before the map was read, or is moved by another thread while it is asked for: what
// it is says nothing of where it began.
TEST(OverlapOfBreaks, WhereABreakBeganIsNotWhereItIs) {
  for (const bool moved : {true, false}) {
    Driver d;
    d.world.begin_map(1);
    if (moved) d.world.take_map("10000000-10004000 rw-p 00000000 00:00 0 [heap]");
    d.run(Sys::clone, {VM, 0, 0, 0, 0}, 2);
    const Call up = call_of(Sys::brk, {A + 4 * P}, static_cast<std::int64_t>(A + 4 * P));
    if (!moved) d.begin(up, 2);
    EXPECT_EQ(text_of(d.run(Sys::brk, {0}, A + 4 * P)), "conforms");
    if (!moved) {
      EXPECT_EQ(text_of(d.end(up, 2)), "conforms");
    }
    EXPECT_EQ(text_of(d.run(Sys::brk, {A}, A)), "conforms") << moved;
    d.run(Sys::brk, {A + P}, A + P);
    EXPECT_EQ(text_of(d.run(Sys::brk, {A}, A)), "conforms") << moved;
  }
}

TEST_F(Overlap, ProtectBesideUnmapMayFindItThereOrNot) {
  for (const std::int64_t result : {std::int64_t{0}, kEnomem}) {
    Driver e;
    furnish(e);
    e.begin(munmap(A), 1);
    EXPECT_EQ(text_of(e.run(protect(result), 2)), "conforms") << result;
    EXPECT_EQ(text_of(e.end(munmap(A), 1)), "exactly");
  }
}

TEST_F(Overlap, ButNotFailOtherwise) {
  d.begin(munmap(A), 1);
  EXPECT_EQ(text_of(d.run(protect(kEinval), 2)), "diverges mprotect.result");
}

TEST_F(Overlap, ACallThatEndedInsideAnotherMayHaveComeAfterIt) {
  d.begin(protect(0), 2);
  d.run(munmap(A), 1);
  EXPECT_EQ(text_of(d.end(protect(0), 2)), "conforms");
}

TEST_F(Overlap, WhatWasOverBeforeItBeganCameBefore) {
  d.begin(munmap(B), 1);
  d.run(munmap(A), 2);
  EXPECT_EQ(text_of(d.run(protect(0), 2)), "diverges mprotect.hole");
  EXPECT_EQ(text_of(d.end(munmap(B), 1)), "exactly");
}

TEST_F(Overlap, CallsOnOtherRangesDoNotBlur) {
  d.begin(munmap(B), 1);
  EXPECT_EQ(text_of(d.run(protect(0), 2)), "exactly");
}

TEST_F(Overlap, CallsOnOtherPropertiesDoNotBlur) {
  d.begin(protect(0), 1);
  EXPECT_EQ(text_of(d.run(Sys::munlock, {A, 4 * P}, 0, 2)), "exactly");
}

TEST_F(Overlap, UnmappedPlaceIsTakenBeforeTheUnmapIsSeenToEnd) {
  d.begin(munmap(A), 1);
  EXPECT_EQ(text_of(d.run(map(A), 2)), "conforms");
  d.end(munmap(A), 1);
  // In no other order could it have the place: so it is there.
  EXPECT_EQ(text_of(d.run(map(A), 2)), "diverges mmap.address-free");
}

TEST_F(Overlap, AMappingNobodyTouchesStaysTaken) {
  d.begin(munmap(B), 1);
  EXPECT_EQ(text_of(d.run(map(A), 2)), "diverges mmap.address-free");
}

TEST_F(Overlap, UsingAMappingBeforeItsCallIsSeenToEnd) {
  d.begin(map(B), 1);
  EXPECT_EQ(text_of(d.run(Sys::munlock, {B, P}, 0, 2)), "conforms");
  EXPECT_EQ(text_of(d.end(map(B), 1)), "conforms");
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {B, 4 * P, 1}, 0, 2)), "exactly");
}

TEST_F(Overlap, TwoProtectsLeaveEither) {
  d.begin(protect(0), 1);
  d.run(Sys::mprotect, {A, 4 * P, RW}, 0, 2);
  d.end(protect(0), 1);
  EXPECT_EQ(d.world.find(1)->mm->space.at(A).test(kWrite), Tri::maybe);
  EXPECT_EQ(d.world.find(1)->mm->space.at(A).test(kMapped), Tri::yes);
}

TEST_F(Overlap, ForkBesideUnmapMayHaveCopiedItOrNot) {
  d.begin(munmap(A), 1);
  d.run(Sys::fork, {}, 3, 2);
  d.end(munmap(A), 1);
  EXPECT_EQ(text_of(d.run(protect(0), 3)), "conforms");
  EXPECT_EQ(text_of(d.run(protect(kEnomem), 1)), "exactly");
}

TEST_F(Overlap, ChildrenHaveCopies) {
  d.run(Sys::fork, {}, 3, 1);
  d.run(munmap(A), 1);
  EXPECT_EQ(text_of(d.run(protect(0), 3)), "exactly");
  EXPECT_EQ(text_of(d.run(protect(0), 2)), "diverges mprotect.hole");
}

TEST_F(Overlap, ChildAppearsBeforeItsCloneIsSeenToEnd) {
  const Call clone = call_of(Sys::clone, {VM, 0, 0, 0, 0}, 5);
  d.begin(clone, 1);
  d.run(munmap(A), 5);
  EXPECT_EQ(text_of(d.end(clone, 1)), "conforms");
  EXPECT_EQ(text_of(d.run(protect(kEnomem), 2)), "exactly");
}

TEST_F(Overlap, ChildOfOneOfTwoForksIsNobodysUntilThatIsKnown) {
  d.run(Sys::fork, {}, 3, 1);
  const Call clone = call_of(Sys::clone, {VM, 0, 0, 0, 0}, 5), fork = call_of(Sys::fork, {}, 6);
  d.begin(clone, 1);
  d.begin(fork, 3);
  EXPECT_EQ(text_of(d.run(munmap(A), 5)), "conforms");         // in whose memory?
  EXPECT_EQ(text_of(d.run(protect(kEnomem), 2)), "conforms");  // perhaps in this one's
  d.end(clone, 1);
  d.end(fork, 3);
  EXPECT_EQ(text_of(d.run(protect(kEnomem), 1)), "conforms");
  EXPECT_EQ(text_of(d.run(protect(0), 3)), "exactly");
}

// A recorder that was attached shows old threads, too, when they do something.
TEST_F(Overlap, AThreadThatIsNewToAnAttachedRecorderIsPerhapsNobodysChild) {
  const Call fork = call_of(Sys::fork, {}, 5);
  for (const bool attached : {false, true}) {
    Driver e;
    if (!attached) e.run(Sys::execve, {}, 0);
    e.run(map(A), 1);
    e.begin(fork, 1);
    EXPECT_EQ(text_of(e.run(map(A), 4)), attached ? "conforms" : "diverges mmap.address-free");
    EXPECT_EQ(text_of(e.end(fork, 1)), "conforms");
  }
}

// A call makes one child: who comes next is somebody else.
TEST_F(Overlap, AForkHasOneChild) {
  Driver e;
  furnish(e);
  e.begin(call_of(Sys::fork, {}, 5), 1);
  EXPECT_EQ(text_of(e.run(map(A), 5)), "diverges mmap.address-free") << "the child's copy";
  EXPECT_EQ(text_of(e.run(map(A), 6)), "conforms");
}

// Which of them it is shows when the call returns: from then on it has its own memory, or its parent's.
TEST_F(Overlap, AChildLeavesWhatIsNobodys) {
  for (const bool shares : {false, true}) {
    Driver e;
    e.run(Sys::mprotect, {B, P, RW}, 0);
    const Call clone = call_of(Sys::clone, {shares ? VM : 0, 0, 0, 0, 0}, 5);
    e.begin(clone, 1);
    e.run(Sys::mprotect, {B, P, RW}, 0, 5);
    e.end(clone, 1);
    e.run(map(A), 1);
    EXPECT_EQ(text_of(e.run(map(A), 5)), shares ? "diverges mmap.address-free" : "conforms");
  }
}

// Of two forks of one address space either may have made the child, and the first copied less.
TEST_F(Overlap, ChildOfOneOfTwoForksMayHaveTheOlderCopy) {
  for (const std::int64_t result : {std::int64_t{0}, kEnomem}) {
    Driver e;
    furnish(e);
    const Call fork = call_of(Sys::fork, {}, 5), other = call_of(Sys::fork, {}, 6);
    e.begin(fork, 1);
    e.run(map(B), 2);
    e.begin(other, 2);
    EXPECT_EQ(text_of(e.run(Sys::mprotect, {B, 4 * P, 1}, result, 5)), "conforms");
  }
}

TEST_F(Overlap, AMoveThatLeavesTheOldMappingMayHaveUnlockedItsNeighbours) {
  const Call move = call_of(Sys::mremap, {A + P, P, P, 5, 0}, B);
  const Call remove = call_of(Sys::madvise, {A, P, 9}, 0);
  Driver e;
  e.world.begin_map(1);
  e.run(Sys::mmap, {A, 4 * P, RW, 0x31, ~0ull, 0}, A);
  e.run(Sys::clone, {VM, 0, 0, 0, 0}, 2);
  e.run(Sys::mlock, {A, 4 * P}, 0);
  EXPECT_EQ(text_of(e.run(remove)), "diverges madvise.locked");
  e.run(Sys::mlock, {A, 4 * P}, 0);
  e.begin(move, 1);
  EXPECT_EQ(text_of(e.run(remove, 2)), "conforms");
}

TEST_F(Overlap, ASegmentMayBeDetachedBeforeItsShmatIsSeenToEnd) {
  const Call attach = call_of(Sys::shmat, {1, B, 0}, B), detach = call_of(Sys::shmdt, {B}, 0);
  d.begin(attach, 1);
  d.begin(detach, 2);
  EXPECT_EQ(text_of(d.end(attach, 1)), "conforms");
  EXPECT_EQ(text_of(d.end(detach, 2)), "conforms");
  EXPECT_EQ(text_of(d.run(Sys::mmap, {B, P, RW, 0x100022, ~0ull, 0}, B)), "conforms");
}

TEST_F(Overlap, ExecStartsAnew) {
  d.run(Sys::fork, {}, 3, 1);
  d.run(Sys::execve, {0, 0, 0}, 0, 3);
  EXPECT_EQ(text_of(d.run(protect(kEnomem), 3)), "conforms");
  EXPECT_EQ(text_of(d.run(protect(0), 1)), "exactly");
}

// perf trace shows of a child that vforks and execs at once the end of the execve alone, before the vfork
// ends.
TEST_F(Overlap, AChildWhoseFirstCallWasSeenToEndOnlyKeepsWhatItMade) {
  const Call vfork = call_of(Sys::vfork, {}, 3), exec = call_of(Sys::execve, {0, 0, 0}, 0);
  begin_call(d.world, {1, 0, 100, 0}, vfork);
  end_call(d.world, {3, 0, 0, 101}, exec);
  end_call(d.world, {1, 0, 100, 102}, vfork);
  const Call taken = call_of(Sys::mmap, {A, P, RW, 0x100022, ~0ull, 0}, static_cast<std::int64_t>(A));
  EXPECT_EQ(text_of(end_call(d.world, {3, 0, 103, 104}, taken)), "conforms");
  EXPECT_EQ(text_of(end_call(d.world, {1, 0, 105, 106}, taken)), "diverges mmap.fixed-noreplace");
}

// Two that overlap leave the break unknown; what the next one is told is not where the heap starts.
TEST_F(Overlap, BreaksThatOverlapLeaveItUnknown) {
  const std::uint64_t heap = 0x30000000;
  const Call up = call_of(Sys::brk, {heap + 4 * P}, static_cast<std::int64_t>(heap + 4 * P));
  d.begin(up, 1);
  d.run(Sys::brk, {heap + 8 * P}, heap + 8 * P, 2);
  d.end(up, 1);
  d.run(Sys::brk, {0}, heap + 4 * P);
  EXPECT_EQ(text_of(d.run(Sys::brk, {heap + P}, heap + P)).substr(0, 8), "conforms");
}

// What one of two shrinking breaks has unmapped may be mapped again.
TEST_F(Overlap, BreaksThatOverlapLeaveNothingOfTheHeapKnown) {
  const std::uint64_t heap = 0x30000000;
  d.world.sees_exec = true;
  d.run(Sys::brk, {0}, heap);
  d.run(Sys::brk, {heap + 16 * P}, heap + 16 * P);
  d.run(Sys::clone, {VM, 0, 0, 0, 0}, 3);
  const Call lock = call_of(Sys::mlockall, {1}, 0);
  d.begin(lock, 3);  // no orders then
  const Call down = call_of(Sys::brk, {heap + 4 * P}, static_cast<std::int64_t>(heap + 4 * P));
  d.begin(down, 1);
  d.begin(down, 2);
  d.end(down, 1);
  d.end(down, 2);
  d.end(lock, 3);
  d.run(Sys::brk, {0}, heap + 4 * P);
  EXPECT_EQ(text_of(d.run(Sys::brk, {heap + 16 * P}, heap + 16 * P)), "conforms");
}

TEST_F(Overlap, AMappingThatGrowsMayHaveGrownBeforeItsCallIsSeenToEnd) {
  constexpr std::uint64_t kGrows = FIXED | 0x100;
  const Call grows = call_of(Sys::mmap, {B, P, RW, kGrows, ~0ull, 0}, B);
  d.begin(grows, 1);
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {B - 4 * P, P, 1}, 0, 2)), "conforms");
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {B + 4 * P, P, 1}, 0, 2)), "diverges mprotect.hole");
  d.end(grows, 1);
}

TEST(Fork, AdviceThatOverlapsItMayComeTooLate) {
  Driver d;
  d.run(Sys::mmap, {0, 0x1000, 3, 0x22, ~0ull, 0}, 0x7f0000000000);
  d.run(Sys::clone, {0x10f00}, 2);
  d.begin(call_of(Sys::clone, {17}, 3), 1);
  d.run(Sys::madvise, {0x7f0000000000, 0x1000, 10}, 0, 2);
  d.end(call_of(Sys::clone, {17}, 3), 1);
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {0x7f0000000000, 0x1000, 1}, 0, 3)), "conforms");
  Driver late;
  late.run(Sys::mmap, {0, 0x1000, 3, 0x22, ~0ull, 0}, 0x7f0000000000);
  late.run(Sys::madvise, {0x7f0000000000, 0x1000, 10}, 0);
  late.run(Sys::clone, {17}, 3);
  EXPECT_EQ(text_of(late.run(Sys::mprotect, {0x7f0000000000, 0x1000, 1}, 0, 3)), "diverges mprotect.hole");
}

// Which of two that run is a child's own fork shows when it returns.
TEST(Fork, OneOfTwoAtOnceMayGiveThePolicyOfEitherThread) {
  constexpr std::uint64_t kInterleave = 3, kBind = 2;
  const auto policy = [](std::uint64_t mode) {
    Call c = call_of(Sys::get_mempolicy, {A, A + 8, 64, 0, 0}, 0);
    c.outs = {{mode}, List<std::uint64_t>::State::complete};
    c.mask = {{1}, List<std::uint64_t>::State::complete};
    return c;
  };
  for (const bool both : {true, false}) {
    Driver d;
    Overlap::furnish(d);
    for (const int tid : {1, 2}) {
      Call c = call_of(Sys::set_mempolicy, {tid == 1 ? kInterleave : kBind, A, 64}, 0);
      c.mask = {{1}, List<std::uint64_t>::State::complete};
      d.run(c, tid);
    }
    const Call first = call_of(Sys::clone, {17}, 3), second = call_of(Sys::clone, {17}, 4);
    d.begin(first, 1);
    if (both) d.begin(second, 2);
    EXPECT_EQ(text_of(d.run(policy(kBind), 4)), both ? "conforms" : "diverges get_mempolicy.mode");
    d.end(first, 1);
  }
}

// Of several mappings (6.17) the first may have moved, which leaves what MREMAP_DONTUNMAP keeps unlocked.
TEST(Remap, WhatFailedInTheMiddleMayHaveUnlockedWhatItMoved) {
  constexpr std::uint64_t kMoves = 3, kDontUnmap = 4, kPageout = 21;
  for (const std::uint64_t flags : {kMoves, kMoves | kDontUnmap}) {
    Driver d;
    d.world.begin_map(1);
    d.run(Sys::mmap, {A, 4 * P, RW, FIXED, ~0ull, 0}, A);
    d.run(Sys::mlockall, {2}, 0);
    d.run(Sys::mmap, {A + 4 * P, 4 * P, 1, FIXED, ~0ull, 0}, A + 4 * P);
    d.run(Sys::mlock, {A, 8 * P}, 0);
    d.run(Sys::mremap, {A, 16 * P, 16 * P, flags, B}, -14);
    d.run(Sys::mprotect, {A, 4 * P, 1}, 0);
    EXPECT_EQ(text_of(d.run(Sys::madvise, {A, P, kPageout}, 0)),
              flags & kDontUnmap ? "conforms" : "diverges madvise.locked");
  }
}

TEST(Attached, ThreadsOfUnknownDescentMayShareOrNot) {
  Driver d;
  d.run(Sys::mmap, {0, P, RW, ANON, ~0ull, 0}, A, 1);
  d.run(Sys::mmap, {0, P, RW, ANON, ~0ull, 0}, A, 2);  // another process, or 1 has lost it
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {A, P, 1}, kEnomem, 1)), "conforms");
  EXPECT_EQ(text_of(d.run(Sys::mmap, {0, P, RW, ANON, ~0ull, 0}, B, 2)), "conforms");
  EXPECT_EQ(text_of(d.run(Sys::mmap, {0, P, RW, ANON, ~0ull, 0}, B, 2)), "diverges mmap.address-free");
}

TEST(Attached, WhatOneLocksIsNotLockedInTheOthers) {
  constexpr std::uint64_t kCurrent = 1, kFuture = 2, kCold = 20;
  Driver d;
  d.run(Sys::mmap, {0, P, RW, ANON, ~0ull, 0}, A, 1);
  d.run(Sys::mmap, {0, P, RW, ANON, ~0ull, 0}, B, 2);
  d.run(Sys::mlockall, {kCurrent | kFuture}, 0, 2);
  EXPECT_EQ(text_of(d.run(Sys::madvise, {A, P, kCold}, 0, 1)), "conforms");
  d.run(Sys::mmap, {0, P, RW, ANON, ~0ull, 0}, A + P, 1);
  EXPECT_EQ(text_of(d.run(Sys::madvise, {A + P, P, kCold}, 0, 1)), "conforms");
  EXPECT_EQ(text_of(d.run(Sys::madvise, {B, P, kCold}, 0, 2)), "diverges madvise.locked");
}

// Two heaps: one thread's break says nothing of where the other's was.
// An io_destroy waits, and its address may be another context's before it returns.
TEST(Attached, WhatBeganBeforeSomethingWasForgottenTellsNothingOfNow) {
  constexpr std::uint64_t kRing = 0x7f5500000000;
  for (const bool forgets : {false, true}) {
    Driver d;
    Call setup = call_of(Sys::io_setup, {8, 0x7ffc0000}, 0);
    setup.outs.items = {kRing};
    setup.outs.state = List<std::uint64_t>::State::complete;
    d.run(setup);
    const Call destroy = call_of(Sys::io_destroy, {kRing}, 0);
    d.begin(destroy, 1);
    if (forgets) d.world.lose();
    EXPECT_EQ(text_of(d.end(destroy, 1)).substr(0, 8), forgets ? "conforms" : "exactly");
    EXPECT_EQ(text_of(d.run(Sys::io_destroy, {kRing}, 0)),
              forgets ? "conforms" : "diverges io_destroy.context");
  }
}

TEST(Attached, BreaksMayBeSeveral) {
  Driver d;
  d.run(Sys::mmap, {0, P, RW, ANON, ~0ull, 0}, B, 2);
  d.run(Sys::brk, {A + 8 * P}, A + 8 * P, 1);
  d.run(Sys::brk, {A}, A, 2);
  d.run(Sys::madvise, {A + 6 * P, P, 4}, 0, 1);
  d.run(Sys::brk, {A + 5 * P}, A + 5 * P, 1);
  EXPECT_EQ(text_of(d.run(Sys::madvise, {A + 6 * P, P, 4}, kEnomem, 1)), "conforms");
}

TEST(Attached, ACallCutOffByItsThreadsEndMayHaveHappened) {
  Driver d;
  d.world.begin_map(1);
  d.run(Sys::mmap, {A, 4 * P, RW, FIXED, ~0ull, 0}, A);
  d.run(Sys::clone, {VM, 0, 0, 0, 0}, 2);
  d.begin(call_of(Sys::munmap, {A, P}, 0), 2);
  end_thread(d.world, 2, 1000);
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {A, P, 1}, kEnomem)), "conforms");
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {A + P, P, 1}, 0)), "exactly");
}

}  // namespace
}  // namespace ringtail::kernel
